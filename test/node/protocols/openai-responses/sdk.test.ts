import OpenAI, { APIError } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StreamEvent } from '../../../../node/conversation/contract.ts';
import { fold } from '../../../../node/conversation/fold.ts';
import type { AnswerContext } from '../../../../node/protocols/contract.ts';
import { protocolFaults } from '../../../../node/protocols/faults.ts';
import { openaiResponsesProtocol as protocol } from '../../../../node/protocols/openai-responses/index.ts';
import { eventStream, LocalServer } from '../local-server.ts';

const context: AnswerContext = {
  model: 'my-model',
  requestId: 'req1',
  framing: 'sse',
  includeUsage: false,
  nowMs: 1_700_000_000_123,
};

const answer: StreamEvent[] = [
  { type: 'start', id: 'msg_abc', model: 'upstream' },
  { type: 'thinking', text: 'Need ' },
  { type: 'thinking', text: 'the tool.' },
  { type: 'thinking_signature', signature: 'c2ln' },
  { type: 'text', text: 'Let me ' },
  { type: 'text', text: 'look 😀.' },
  { type: 'tool_start', id: 'toolu_1', name: 'lake_info' },
  { type: 'tool_arguments', json: '{"lake":' },
  { type: 'tool_arguments', json: '"Bled","id":12345678901234567890}' },
  { type: 'tool_end' },
  { type: 'tool_start', id: 'toolu_2', name: 'lake_info' },
  { type: 'tool_end' },
  { type: 'finish', reason: 'tool_calls' },
  { type: 'usage', usage: { inputTotal: 42, cacheRead: 30, outputTotal: 17, reasoning: 5 } },
];

function written(events: StreamEvent[], into: AnswerContext = context): string {
  const encoder = protocol.openEncoder(into);
  return events.map((event) => encoder.push(event)).join('') + encoder.end();
}

async function readAll<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

const server = new LocalServer();
let client: OpenAI;

beforeAll(async () => {
  const origin = await server.start();
  client = new OpenAI({ apiKey: 'test', baseURL: `${origin}/v1`, maxRetries: 0 });
});
afterAll(() => server.stop());

function replyStream(body: string, pieceSizeBytes?: number): void {
  server.reply = () => ({ headers: eventStream, body, ...(pieceSizeBytes === undefined ? {} : { pieceSizeBytes }) });
}

describe('the OpenAI SDK reads our streams', () => {
  test.each([[undefined], [1]])('thinking, text and parallel calls, in pieces of %s', async (pieceSizeBytes) => {
    replyStream(written(answer), pieceSizeBytes);
    const stream = client.responses.stream({ model: 'my-model', input: 'hello' });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    const response = await stream.finalResponse();
    expect(response.status).toBe('completed');
    expect(response.model).toBe('my-model');
    expect(response.output_text).toBe('Let me look 😀.');
    expect(response.output.map((item) => item.type)).toEqual([
      'reasoning',
      'message',
      'function_call',
      'function_call',
    ]);
    expect(response.output[2]).toMatchObject({
      call_id: 'toolu_1',
      name: 'lake_info',
      arguments: '{"lake":"Bled","id":12345678901234567890}',
    });
    expect(response.output[3]).toMatchObject({ call_id: 'toolu_2', arguments: '{}' });
    expect(response.usage).toMatchObject({
      input_tokens: 42,
      input_tokens_details: { cached_tokens: 30 },
      output_tokens: 17,
      output_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 59,
    });
    expect(types.slice(0, 3)).toEqual(['response.created', 'response.in_progress', 'response.output_item.added']);
    expect(types.at(-1)).toBe('response.completed');
  });

  test('a freeform tool comes back as a custom tool call', async () => {
    const { toolKinds } = protocol.decodeRequest(
      { model: 'm', input: 'x', tools: [{ type: 'custom', name: 'apply_patch' }] },
      { model: '', stream: true },
    );
    const events: StreamEvent[] = [
      { type: 'start', id: '', model: '' },
      { type: 'tool_start', id: 'c1', name: 'apply_patch' },
      { type: 'tool_arguments', json: '{"input":"*** Begin' },
      { type: 'tool_arguments', json: ' Patch\\n"}' },
      { type: 'tool_end' },
      { type: 'finish', reason: 'tool_calls' },
    ];
    replyStream(written(events, { ...context, toolKinds: toolKinds! }));
    const stream = client.responses.stream({ model: 'my-model', input: 'hello' });
    const response = await stream.finalResponse();
    expect(response.output).toMatchObject([
      { type: 'custom_tool_call', call_id: 'c1', name: 'apply_patch', input: '*** Begin Patch\n' },
    ]);
  });

  test('an answer cut by its length is incomplete', async () => {
    replyStream(written([...answer.slice(0, 6), { type: 'finish', reason: 'length' }]));
    const stream = await client.responses.create({ model: 'my-model', input: 'hello', stream: true });
    expect((await readAll(stream)).at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
    });
  });

  test('a fault in mid-stream throws', async () => {
    const fault = protocolFaults.upstream_truncated('the upstream closed too early');
    replyStream(written([...answer.slice(0, 5), { type: 'fault', fault }]));
    const stream = client.responses.stream({ model: 'my-model', input: 'hello' });
    await expect(stream.finalResponse()).rejects.toThrow(/closed too early/);
    const plain = await client.responses.create({ model: 'my-model', input: 'hello', stream: true });
    await expect(readAll(plain)).rejects.toMatchObject({ code: 'server_error' });
  });

  test('a stream that ends without finish is not complete', async () => {
    const text = written(answer.slice(0, 6));
    expect(text).not.toContain('response.completed');
  });

  test('a structured answer is parsed', async () => {
    const events: StreamEvent[] = [
      { type: 'start', id: 'x', model: '' },
      { type: 'text', text: '{"depth":30}' },
      { type: 'finish', reason: 'stop' },
    ];
    server.reply = () => ({ body: JSON.stringify(protocol.encodeAnswer(fold(events), context)) });
    const response = await client.responses.parse({
      model: 'my-model',
      input: 'depth?',
      text: { format: { type: 'json_schema', name: 'lake', schema: { type: 'object' } } },
    });
    expect(response.output_parsed).toEqual({ depth: 30 });
  });
});

test('a complete answer is read by the SDK as the stream is', async () => {
  server.reply = () => ({ body: JSON.stringify(protocol.encodeAnswer(fold(answer), context)) });
  const whole = await client.responses.create({ model: 'my-model', input: 'hello' });
  replyStream(written(answer));
  const streamed = await client.responses.stream({ model: 'my-model', input: 'hello' }).finalResponse();
  expect(whole.output_text).toBe('Let me look 😀.');
  expect(JSON.parse(JSON.stringify(whole.output))).toEqual(
    JSON.parse(
      JSON.stringify(streamed.output, (key, value: unknown) => (key.startsWith('parsed') ? undefined : value)),
    ),
  );
});

describe('faults before a stream', () => {
  test('are thrown with their status, code and hints', async () => {
    const fault = protocolFaults.context_too_long('prompt is too long');
    const { status, headers, body } = protocol.encodeFault(fault, 'req1');
    server.reply = () => ({ status, headers, body });
    const error = await client.responses.create({ model: 'm', input: 'x' }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ status: 400, code: 'context_length_exceeded', type: 'invalid_request_error' });
  });

  test('x-should-retry: false keeps the SDK from repeating', async () => {
    const eager = new OpenAI({ apiKey: 'test', baseURL: client.baseURL, maxRetries: 2 });
    const { status, headers, body } = protocol.encodeFault(protocolFaults.upstream_error('down'), 'req1');
    server.reply = () => ({ status, headers, body });
    const before = server.received.length;
    await expect(eager.responses.create({ model: 'm', input: 'x' })).rejects.toMatchObject({ status: 502 });
    expect(server.received.length - before).toBe(1);
  });
});

describe('what the SDK sends is understood', () => {
  test('text, images, files, tools, results and a schema', async () => {
    server.reply = () => ({ body: JSON.stringify(protocol.encodeAnswer(fold(answer), context)) });
    await client.responses.create({
      model: 'my-model',
      instructions: 'Be brief.',
      input: [
        { role: 'developer', content: 'Use metres.' },
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this?' },
            { type: 'input_image', image_url: 'data:image/png;base64,aGk=', detail: 'low' },
            { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,aGk=' },
          ],
        },
        { type: 'function_call', call_id: 'c1', name: 'lake_info', arguments: '{"lake":"Bled"}' },
        { type: 'function_call_output', call_id: 'c1', output: '30 m' },
      ],
      tools: [
        { type: 'function', name: 'lake_info', description: 'Look up', parameters: { type: 'object' }, strict: true },
        { type: 'web_search' },
      ],
      tool_choice: 'auto',
      parallel_tool_calls: false,
      reasoning: { effort: 'high', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      store: false,
      max_output_tokens: 900,
      prompt_cache_key: 'session-1',
      text: { verbosity: 'low', format: { type: 'json_schema', name: 's', schema: { type: 'object' }, strict: true } },
    });
    const { body, bytes } = server.last;
    expect(protocol.scanRequest(bytes)).toMatchObject({ model: 'my-model', stream: false, session: 'session-1' });
    expect(protocol.decodeRequest(body, { model: '', stream: false })).toEqual({
      model: 'my-model',
      system: [
        { type: 'text', text: 'Be brief.' },
        { type: 'text', text: 'Use metres.' },
      ],
      messages: [
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', mediaType: 'image/png', data: 'aGk=', detail: 'low' },
            { type: 'document', mediaType: 'application/pdf', data: 'aGk=', name: 'a.pdf' },
          ],
        },
        {
          role: 'assistant',
          parts: [{ type: 'tool_call', id: 'c1', name: 'lake_info', argumentsJson: '{"lake":"Bled"}' }],
        },
        { role: 'user', parts: [{ type: 'tool_result', callId: 'c1', content: [{ type: 'text', text: '30 m' }] }] },
      ],
      tools: [{ name: 'lake_info', description: 'Look up', schema: { type: 'object' }, strict: true }],
      toolChoice: { type: 'auto' },
      parallelToolCalls: false,
      maxTokens: 900,
      thinking: { mode: 'on', effort: 'high' },
      outputFormat: { type: 'json_schema', name: 's', schema: { type: 'object' }, strict: true },
      promptCacheKey: 'session-1',
      stop: [],
      stream: false,
      dropped: ['text.verbosity', 'tools.web_search'],
    });
  });

  test('the output of one turn as the input of the next', async () => {
    replyStream(written(answer));
    const first = await client.responses.stream({ model: 'my-model', input: 'Bled?' }).finalResponse();
    const results = first.output.flatMap((item) =>
      item.type === 'function_call'
        ? [{ type: 'function_call_output' as const, call_id: item.call_id, output: 'ok' }]
        : [],
    );
    await client.responses.create({
      model: 'my-model',
      input: [
        { role: 'user', content: 'Bled?' },
        ...(first.output as OpenAI.Responses.ResponseInputItem[]),
        ...results,
      ],
      stream: true,
    });
    const { messages } = protocol.decodeRequest(server.last.body, { model: '', stream: true });
    expect(messages.map((message) => message.role)).toEqual(['user', 'assistant', 'user']);
    expect(messages[1]!.parts).toEqual([
      { type: 'thinking', text: 'Need the tool.', signature: 'c2ln' },
      { type: 'text', text: 'Let me look 😀.' },
      {
        type: 'tool_call',
        id: 'toolu_1',
        name: 'lake_info',
        argumentsJson: '{"lake":"Bled","id":12345678901234567890}',
      },
      { type: 'tool_call', id: 'toolu_2', name: 'lake_info', argumentsJson: '{}' },
    ]);
    expect(messages[2]!.parts).toHaveLength(2);
  });
});
