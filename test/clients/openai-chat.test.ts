import OpenAI, { APIError, AuthenticationError, BadRequestError, InternalServerError, RateLimitError } from 'openai';
import { expect, it } from 'vitest';
import { lakeInput, lakeSchema, placeSchema, pngBase64, pngBytes } from './samples.ts';
import { describeTargets, errorOf, type Target } from './targets.ts';

const tools: OpenAI.ChatCompletionTool[] = [
  { type: 'function', function: { name: 'lake_info', description: 'Facts about a lake', parameters: lakeSchema } },
  { type: 'function', function: { name: 'weather', parameters: placeSchema } },
];
const question: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'How deep is Lake Bled?' }];

const clientOf = ({ openaiBaseUrl, key }: Target, maxRetries = 0): OpenAI =>
  new OpenAI({ baseURL: openaiBaseUrl, apiKey: key, maxRetries });

describeTargets('OpenAI SDK, Chat Completions', 'openai', (target) => {
  const chat = () => clientOf(target()).chat.completions;

  it('answers', async () => {
    const { model } = target();
    const answer = await chat().create({ model, messages: [{ role: 'system', content: 'Be brief.' }, ...question] });
    expect(answer.choices[0]?.message.content).toBe('How deep is Lake Bled?');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.model).toBe(model);
    expect(answer.usage?.total_tokens).toBe(
      (answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0),
    );
    expect(answer.usage?.completion_tokens).toBe(target().upstream.totals.tokens.output);
  });

  it('streams, with usage last', async () => {
    const { model } = target();
    const stream = await chat().create({
      model,
      messages: question,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let last: OpenAI.ChatCompletionChunk | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      last = chunk;
    }
    expect(text).toBe('How deep is Lake Bled?');
    expect(last?.choices).toEqual([]);
    expect(last?.usage?.completion_tokens).toBe(target().upstream.totals.tokens.output);
  });

  it('sends no usage chunk to a client that did not ask for it', async () => {
    const stream = await chat().create({ model: target().model, messages: question, stream: true });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.every((chunk) => chunk.choices.length === 1)).toBe(true);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
  });

  it('goes through a tool loop', async () => {
    const { model, upstream } = target();
    upstream.script('parallel=2');
    const first = await chat().create({ model, messages: question, tools });
    const message = first.choices[0]?.message;
    const calls = message?.tool_calls?.filter((call) => call.type === 'function') ?? [];
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)])).toEqual([
      ['lake_info', lakeInput],
      ['weather', { place: 'example place' }],
    ]);
    if (message === undefined) throw new Error('no message');
    const results = calls.map((call, index) => ({
      role: 'tool' as const,
      tool_call_id: call.id,
      content: `result ${index}`,
    }));
    const second = await chat().create({ model, tools, messages: [...question, message, ...results] });
    expect(second.choices[0]?.message.content).toBe('The tools said: result 0; result 1');
  });

  it('runs tools by itself while streaming', async () => {
    const { model, upstream } = target();
    upstream.script('tools');
    const asked: unknown[] = [];
    const runner = chat().runTools({
      model,
      stream: true,
      messages: question,
      tools: [
        {
          type: 'function',
          function: {
            name: 'lake_info',
            description: 'Facts about a lake',
            parameters: lakeSchema,
            parse: JSON.parse,
            function: (input: object) => {
              asked.push(input);
              return '30 metres';
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe('The tools said: 30 metres');
    expect(asked).toEqual([lakeInput]);
  });

  it('puts parallel calls of a stream together', async () => {
    const { model, upstream } = target();
    upstream.script('interleaved=3');
    const final = await chat().stream({ model, messages: question, tools }).finalChatCompletion();
    const calls = final.choices[0]?.message.tool_calls?.filter((call) => call.type === 'function') ?? [];
    expect(calls.map((call) => call.function.name)).toEqual(['lake_info', 'weather', 'lake_info']);
    expect(calls.map((call) => JSON.parse(call.function.arguments) as unknown)).toEqual([
      lakeInput,
      { place: 'example place' },
      lakeInput,
    ]);
  });

  it('shows images', async () => {
    const { model, upstream } = target();
    upstream.script('describe');
    const content: OpenAI.ChatCompletionContentPart[] = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${pngBase64}`, detail: 'low' } },
    ];
    const answer = await chat().create({ model, messages: [{ role: 'user', content }] });
    expect(answer.choices[0]?.message.content).toContain(`images=image/png:${pngBytes}`);
  });

  it('parses a structured answer', async () => {
    if (target().lacks.includes('answers by a schema')) return;
    const answer = await chat().parse({
      model: target().model,
      messages: question,
      response_format: { type: 'json_schema', json_schema: { name: 'lake', schema: lakeSchema, strict: true } },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual(lakeInput);
  });

  it('takes the older and the newer bound, stop and sampling', async () => {
    if (target().lacks.includes('bounds of the output')) return;
    const { model } = target();
    for (const bound of [{ max_tokens: 3 }, { max_completion_tokens: 3 }]) {
      const answer = await chat().create({ model, messages: question, temperature: 0.2, ...bound });
      expect(answer.choices[0]?.finish_reason).toBe('length');
    }
    const stopped = await chat().create({ model, messages: question, stop: [' is '] });
    expect(stopped.choices[0]?.message.content).toBe('How deep');
  });

  it('throws the right error for a wrong key', async () => {
    const client = clientOf({ ...target(), key: 'wrong' });
    const error = await errorOf(
      client.chat.completions.create({ model: target().model, messages: question }),
      AuthenticationError,
    );
    expect(error.code).toBe('invalid_api_key');
  });

  it('throws the right error for a 429, with its time', async () => {
    const { model, upstream } = target();
    upstream.script('429=7');
    const error = await errorOf(chat().create({ model, messages: question }), RateLimitError);
    expect(Number(error.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(error.headers.get('retry-after'))).toBeLessThanOrEqual(8);
  });

  it('throws context_length_exceeded for a prompt that is too long', async () => {
    const { model, upstream } = target();
    upstream.script('too-long');
    const error = await errorOf(chat().create({ model, messages: question }), BadRequestError);
    expect(error.code).toBe('context_length_exceeded');
    expect(upstream.totals.requests).toBe(1);
  });

  it('names the parameter that is wrong', async () => {
    if (target().lacks.includes('names of wrong parameters')) return;
    const call = chat().create({ model: target().model, messages: question, temperature: 9 });
    expect((await errorOf(call, BadRequestError)).param).toBe('temperature');
  });

  it('repeats a failure by itself, unless a node has done all that can be done', async () => {
    const { model, upstream, node } = target();
    upstream.script('500');
    const call = clientOf(target(), 1).chat.completions.create({ model, messages: question });
    await errorOf(call, InternalServerError);
    expect(upstream.totals.requests).toBe(node === undefined ? 2 : 1);
  });

  it('throws when the stream breaks with an error', async () => {
    const { model, upstream } = target();
    upstream.script('text=5,error-after=2');
    const stream = await chat().create({ model, messages: question, stream: true });
    let text = '';
    const read = async (): Promise<void> => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    };
    await errorOf(read(), APIError);
    expect(text).toBe('word0 word1 ');
  });

  it('stops the upstream when the reader leaves', async () => {
    const { model, upstream } = target();
    upstream.script('endless,slow=5');
    const stream = await chat().create({ model, messages: question, stream: true });
    for await (const chunk of stream) if ((chunk.choices[0]?.delta.content ?? '') !== '') break;
    await upstream.until(({ totals }) => totals.aborted === 1 && totals.inFlight === 0);
    expect(upstream.totals.requests).toBe(1);
  });
});
