import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  RateLimitError,
} from '@anthropic-ai/sdk';
import { expect, it } from 'vitest';
import { lakeInput, lakeSchema, placeSchema, pngBase64, pngBytes } from './samples.ts';
import { describeTargets, errorOf } from './targets.ts';

const tools: Anthropic.Tool[] = [
  { name: 'lake_info', description: 'Facts about a lake', input_schema: lakeSchema },
  { name: 'weather', input_schema: placeSchema },
];
const question: Anthropic.MessageParam[] = [{ role: 'user', content: 'How deep is Lake Bled?' }];
const textOf = (message: Anthropic.Message): string =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');

describeTargets('Anthropic SDK', 'anthropic', (target) => {
  const client = (maxRetries = 0) => new Anthropic({ baseURL: target().rootUrl, apiKey: target().key, maxRetries });
  const base = () => ({ model: target().model, max_tokens: 1000 });

  it('answers', async () => {
    const message = await client().messages.create({ ...base(), system: 'Be brief.', messages: question });
    expect(message.content).toMatchObject([{ type: 'text', text: 'How deep is Lake Bled?' }]);
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      stop_reason: 'end_turn',
      model: target().model,
    });
    expect(message.usage.output_tokens).toBe(target().upstream.totals.tokens.output);
  });

  it('takes a bearer token', async () => {
    const { rootUrl, key } = target();
    const bearer = new Anthropic({ baseURL: rootUrl, authToken: key, apiKey: null, maxRetries: 0 });
    expect(textOf(await bearer.messages.create({ ...base(), messages: question }))).toBe('How deep is Lake Bled?');
  });

  it('streams with the helper, blocks in order', async () => {
    const stream = client().messages.stream({ ...base(), messages: question });
    const deltas: string[] = [];
    stream.on('text', (delta) => deltas.push(delta));
    const message = await stream.finalMessage();
    expect(deltas.join('')).toBe('How deep is Lake Bled?');
    expect(textOf(message)).toBe('How deep is Lake Bled?');
    expect(message.usage.input_tokens).toBeGreaterThan(0);
    expect(message.usage.output_tokens).toBe(target().upstream.totals.tokens.output);
  });

  it('tells the prompt tokens in the first event of a stream', async () => {
    const stream = await client().messages.create({ ...base(), messages: question, stream: true });
    const types: string[] = [];
    let early = 0;
    for await (const event of stream) {
      types.push(event.type);
      if (event.type === 'message_start') early = event.message.usage.input_tokens;
    }
    expect(early).toBeGreaterThan(0);
    expect(types[0]).toBe('message_start');
    expect(types.slice(-3)).toEqual(['content_block_stop', 'message_delta', 'message_stop']);
  });

  it('goes through a tool loop with parallel calls', async () => {
    target().upstream.script('interleaved=2');
    const first = await client()
      .messages.stream({ ...base(), messages: question, tools })
      .finalMessage();
    const calls = first.content.filter((block) => block.type === 'tool_use');
    expect(first.stop_reason).toBe('tool_use');
    expect(calls.map((call) => [call.name, call.input])).toEqual([
      ['lake_info', lakeInput],
      ['weather', { place: 'example place' }],
    ]);
    const results = calls.map((call, index) => ({
      type: 'tool_result' as const,
      tool_use_id: call.id,
      content: `result ${index}`,
    }));
    const second = await client().messages.create({
      ...base(),
      tools,
      messages: [...question, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
    });
    expect(textOf(second)).toBe('The tools said: result 0; result 1');
  });

  it('thinks, and takes its thinking back', async () => {
    const { upstream, model, node } = target();
    // Does not apply: thinking of another vendor has no signature to give back.
    if (node !== undefined && !model.startsWith('claude')) return;
    upstream.script('thinking,tools');
    const thinking = { type: 'enabled' as const, budget_tokens: 1024 };
    const first = await client().messages.create({ ...base(), max_tokens: 4000, thinking, messages: question, tools });
    expect(first.content[0]).toMatchObject({ type: 'thinking' });
    const id = first.content.find((block) => block.type === 'tool_use')?.id ?? '';
    const second = await client().messages.create({
      ...base(),
      max_tokens: 4000,
      thinking,
      tools,
      messages: [
        ...question,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'deep' }] },
      ],
    });
    expect(second.content.map((block) => block.type)).toEqual(['thinking', 'text']);
  });

  it('shows thinking of whatever upstream, and takes it back', async () => {
    if (target().lacks.includes('unasked thinking')) return;
    target().upstream.script('thinking,tools');
    const first = await client()
      .messages.stream({ ...base(), max_tokens: 4000, messages: question, tools })
      .finalMessage();
    expect(first.content[0]).toMatchObject({
      type: 'thinking',
      thinking: 'First the request is read, then the answer is written.',
    });
    const id = first.content.find((block) => block.type === 'tool_use')?.id ?? '';
    const results: Anthropic.ToolResultBlockParam[] = [{ type: 'tool_result', tool_use_id: id, content: 'deep' }];
    const second = await client().messages.create({
      ...base(),
      tools,
      messages: [...question, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
    });
    expect(textOf(second)).toBe('The tools said: deep');
  });

  it('shows images, also in tool results', async () => {
    target().upstream.script('describe');
    const image: Anthropic.ImageBlockParam = {
      type: 'image',
      source: { type: 'base64', media_type: 'image/png', data: pngBase64 },
    };
    const message = await client().messages.create({
      ...base(),
      messages: [{ role: 'user', content: [image, { type: 'text', text: 'what' }] }],
    });
    expect(textOf(message)).toContain(`images=image/png:${pngBytes}`);
  });

  it('marks caches and reads their usage', async () => {
    target().upstream.script('cached');
    const system: Anthropic.TextBlockParam[] = [
      { type: 'text', text: 'long '.repeat(500), cache_control: { type: 'ephemeral' } },
    ];
    const message = await client().messages.create({ ...base(), system, messages: question });
    expect(message.usage.cache_read_input_tokens).toBe(800);
  });

  it('counts tokens', async () => {
    const short = await client().messages.countTokens({ model: target().model, messages: question });
    const long = await client().messages.countTokens({
      model: target().model,
      messages: question,
      tools,
      system: 'long '.repeat(500),
    });
    expect(short.input_tokens).toBeGreaterThan(3);
    expect(long.input_tokens).toBeGreaterThan(short.input_tokens + 400);
  });

  it('lists models', async () => {
    const ids: string[] = [];
    for await (const model of client().models.list()) ids.push(model.id);
    expect(ids).toContain(target().model);
  });

  it('throws the right errors', async () => {
    const { upstream, rootUrl } = target();
    const ask = (using = client()) => using.messages.create({ ...base(), messages: question });
    await errorOf(ask(new Anthropic({ baseURL: rootUrl, apiKey: 'wrong', maxRetries: 0 })), AuthenticationError);
    upstream.script('too-long', { times: 1 });
    expect((await errorOf(ask(), BadRequestError)).message).toContain('prompt is too long');
    const invalid = client().messages.create({ ...base(), messages: [{ role: 'user', content: 'x' }], max_tokens: -1 });
    expect((await errorOf(invalid, BadRequestError)).message).toContain('max_tokens');
    upstream.script('429=7');
    const limited = await errorOf(ask(), RateLimitError);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('repeats a failure by itself, unless a node has done all that can be done', async () => {
    const { upstream, node } = target();
    upstream.script('500');
    await errorOf(client(1).messages.create({ ...base(), messages: question }), InternalServerError);
    expect(upstream.totals.requests).toBe(node === undefined ? 2 : 1);
  });

  it('throws when a stream breaks with an error', async () => {
    target().upstream.script('text=5,error-after=2');
    const stream = client().messages.stream({ ...base(), messages: question });
    const deltas: string[] = [];
    stream.on('text', (delta) => deltas.push(delta));
    await errorOf(stream.finalMessage(), APIError);
    expect(deltas.join('')).toBe('word0 word1 ');
  });

  it('throws when a stream is cut', async () => {
    target().upstream.script('text=50,cut-at=1500');
    await errorOf(
      client()
        .messages.stream({ ...base(), messages: question })
        .finalMessage(),
      Error,
    );
  });

  it('stops the upstream when the reader leaves', async () => {
    const { upstream } = target();
    upstream.script('endless,slow=5');
    const stream = await client().messages.create({ ...base(), messages: question, stream: true });
    for await (const event of stream) if (event.type === 'content_block_delta') break;
    await upstream.until(({ totals }) => totals.aborted === 1 && totals.inFlight === 0);
    expect(upstream.totals.requests).toBe(1);
  });
});
