import OpenAI, { APIError, BadRequestError, RateLimitError } from 'openai';
import { expect, it } from 'vitest';
import { lakeInput, lakeSchema, pngBase64, pngBytes } from './samples.ts';
import { describeTargets, errorOf } from './targets.ts';

const tools: OpenAI.Responses.Tool[] = [
  { type: 'function', name: 'lake_info', description: 'Facts about a lake', parameters: lakeSchema, strict: true },
];

describeTargets('OpenAI SDK, Responses', 'openai', (target) => {
  const responses = () =>
    new OpenAI({ baseURL: target().openaiBaseUrl, apiKey: target().key, maxRetries: 0 }).responses;

  it('answers', async () => {
    const { model } = target();
    const answer = await responses().create({
      model,
      instructions: 'Be brief.',
      input: 'How deep is it?',
      store: false,
    });
    expect(answer.output_text).toBe('How deep is it?');
    expect(answer.status).toBe('completed');
    expect(answer.model).toBe(model);
    expect(answer.usage?.output_tokens).toBe(target().upstream.totals.tokens.output);
  });

  it('streams every event in its order', async () => {
    const stream = await responses().create({
      model: target().model,
      input: 'How deep is it?',
      stream: true,
      store: false,
    });
    const types: string[] = [];
    const numbers: number[] = [];
    let text = '';
    for await (const event of stream) {
      types.push(event.type);
      numbers.push(event.sequence_number);
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    expect(text).toBe('How deep is it?');
    expect(numbers).toEqual(numbers.map((_, index) => index));
    expect(types.slice(0, 4)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
    ]);
    expect(types.slice(-4)).toEqual([
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  it('gathers a stream with the helper', async () => {
    const { model, upstream } = target();
    upstream.script('tools');
    const final = await responses().stream({ model, input: 'Look it up', tools, store: false }).finalResponse();
    const call = final.output.find((item) => item.type === 'function_call');
    expect(call?.name).toBe('lake_info');
    expect(JSON.parse(call?.arguments ?? '')).toEqual(lakeInput);
  });

  it('goes through a tool loop, as Codex does', async () => {
    const { model, upstream } = target();
    upstream.script('tools');
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Look it up' }];
    const first = await responses().create({ model, input, tools, store: false, parallel_tool_calls: false });
    const call = first.output.find((item) => item.type === 'function_call');
    if (call === undefined) throw new Error('no call');
    const output: OpenAI.Responses.ResponseInputItem = {
      type: 'function_call_output',
      call_id: call.call_id,
      output: '30 metres',
    };
    const said = first.output.filter((item) => item.type === 'function_call' || item.type === 'message');
    const second = await responses().create({ model, tools, store: false, input: [...input, ...said, output] });
    expect(second.output_text).toBe('The tools said: 30 metres');
  });

  it('shows images', async () => {
    const { model, upstream } = target();
    upstream.script('describe');
    const answer = await responses().create({
      model,
      store: false,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this?' },
            { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${pngBase64}` },
          ],
        },
      ],
    });
    expect(answer.output_text).toContain(`images=image/png:${pngBytes}`);
  });

  it('parses a structured answer', async () => {
    if (target().lacks.includes('answers by a schema')) return;
    const format = { type: 'json_schema' as const, name: 'lake', schema: lakeSchema, strict: true };
    const answer = await responses().parse({ model: target().model, input: 'x', text: { format }, store: false });
    expect(JSON.parse(answer.output_text)).toEqual(lakeInput);
  });

  it('ends incomplete at its bound', async () => {
    if (target().lacks.includes('bounds of the output')) return;
    const answer = await responses().create({
      model: target().model,
      input: 'long '.repeat(50),
      max_output_tokens: 16,
      store: false,
    });
    expect(answer.status).toBe('incomplete');
    expect(answer.incomplete_details?.reason).toBe('max_output_tokens');
  });

  it('throws the right errors', async () => {
    const { model, upstream } = target();
    upstream.script('too-long', { times: 1 });
    expect((await errorOf(responses().create({ model, input: 'x' }), BadRequestError)).code).toBe(
      'context_length_exceeded',
    );
    upstream.script('429=5');
    await errorOf(responses().create({ model, input: 'x' }), RateLimitError);
  });

  it('ends a broken stream with an error', async () => {
    const { model, upstream } = target();
    upstream.script('text=5,error-after=2');
    const stream = await responses().create({ model, input: 'x', stream: true, store: false });
    const types: string[] = [];
    const read = async (): Promise<void> => {
      for await (const event of stream) types.push(event.type);
    };
    const outcome = await read().then(
      () => 'ended',
      (error: unknown) => (error instanceof APIError ? 'thrown' : String(error)),
    );
    // Either the SDK throws at the error event or it hands the failed response on; never a completed one.
    expect(types).not.toContain('response.completed');
    expect(outcome === 'thrown' || types.includes('error') || types.includes('response.failed')).toBe(true);
  });
});
