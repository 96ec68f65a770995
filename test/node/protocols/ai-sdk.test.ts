/** The AI SDK checks every chunk against a schema, so it finds missing members that other clients pass over. */
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, jsonSchema, streamText, tool, type LanguageModel } from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StreamEvent } from '../../../node/conversation/contract.ts';
import { fold } from '../../../node/conversation/fold.ts';
import type { ClientProtocol } from '../../../node/protocols/contract.ts';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import { clientProtocols } from '../../../node/protocols/registry.ts';
import { eventStream, LocalServer } from './local-server.ts';

const context = {
  model: 'my-model',
  requestId: 'req1',
  framing: 'sse',
  includeUsage: false,
  nowMs: 1_700_000_000_000,
} as const;

const answer: StreamEvent[] = [
  { type: 'start', id: 'msg_abc', model: 'upstream' },
  { type: 'thinking', text: 'Need the tool.' },
  { type: 'thinking_signature', signature: 'c2lnbmVk' },
  { type: 'text', text: 'Let me ' },
  { type: 'text', text: 'look.' },
  { type: 'tool_start', id: 'toolu_1', name: 'lake_info' },
  { type: 'tool_arguments', json: '{"lake":"Bled"}' },
  { type: 'tool_end' },
  { type: 'tool_start', id: 'toolu_2', name: 'lake_info' },
  { type: 'tool_arguments', json: '{"lake":"Bohinj"}' },
  { type: 'tool_end' },
  { type: 'finish', reason: 'tool_calls' },
  { type: 'usage', usage: { inputTotal: 42, cacheRead: 30, outputTotal: 17, reasoning: 5 } },
];

const server = new LocalServer();
let models: Record<'openai-responses' | 'gemini', LanguageModel>;

beforeAll(async () => {
  const origin = await server.start();
  models = {
    'openai-responses': createOpenAI({ apiKey: 'test', baseURL: `${origin}/v1` }).responses('my-model'),
    gemini: createGoogleGenerativeAI({ apiKey: 'test', baseURL: `${origin}/v1beta` })('my-model'),
  };
});
afterAll(() => server.stop());

const tools = {
  lake_info: tool({
    description: 'Look a lake up',
    inputSchema: jsonSchema({ type: 'object', properties: { lake: { type: 'string' } }, required: ['lake'] }),
  }),
};

function write(protocol: ClientProtocol, events: StreamEvent[]): string {
  const encoder = protocol.openEncoder(context);
  return events.map((event) => encoder.push(event)).join('') + encoder.end();
}

const ids = ['openai-responses', 'gemini'] as const;

describe.each(ids)('the AI SDK over %s', (id) => {
  const protocol = clientProtocols[id];

  test.each([[undefined], [1]])('reads a stream in pieces of %s', async (size) => {
    const body = write(protocol, answer);
    server.reply = () => ({ headers: eventStream, body, ...(size === undefined ? {} : { pieceSizeBytes: size }) });
    const result = streamText({ model: models[id], prompt: 'Bled?', tools, maxRetries: 0 });
    expect(await result.text).toBe('Let me look.');
    expect(await result.reasoningText).toBe('Need the tool.');
    const calls = await result.toolCalls;
    expect(calls.map(({ toolName, input }) => [toolName, input])).toEqual([
      ['lake_info', { lake: 'Bled' }],
      ['lake_info', { lake: 'Bohinj' }],
    ]);
    expect(await result.finishReason).toBe('tool-calls');
    expect(await result.usage).toMatchObject({ inputTokens: 42, outputTokens: 17 });
    const { tools: decoded } = protocol.decodeRequest(server.last.body, { model: 'my-model', stream: true });
    expect(decoded).toMatchObject([{ name: 'lake_info', schema: { type: 'object', required: ['lake'] } }]);
  });

  test('reads a complete answer', async () => {
    server.reply = () => ({ body: JSON.stringify(protocol.encodeAnswer(fold(answer), context)) });
    const result = await generateText({ model: models[id], prompt: 'Bled?', tools, maxRetries: 0 });
    expect(result.text).toBe('Let me look.');
    expect(result.reasoningText).toBe('Need the tool.');
    expect(result.toolCalls).toHaveLength(2);
    expect(result.usage).toMatchObject({ inputTokens: 42, outputTokens: 17 });
  });

  test('takes its own answer back on the next turn', async () => {
    server.reply = () => ({ body: JSON.stringify(protocol.encodeAnswer(fold(answer), context)) });
    const first = await generateText({ model: models[id], prompt: 'Bled?', tools, maxRetries: 0 });
    const results = first.toolCalls.map(({ toolCallId, toolName }) => ({
      type: 'tool-result' as const,
      toolCallId,
      toolName,
      output: { type: 'text' as const, value: 'deep' },
    }));
    await generateText({
      model: models[id],
      messages: [{ role: 'user', content: 'Bled?' }, ...first.response.messages, { role: 'tool', content: results }],
      tools,
      maxRetries: 0,
      providerOptions: { openai: { store: false, include: ['reasoning.encrypted_content'] } },
    });
    const { messages } = protocol.decodeRequest(server.last.body, { model: 'my-model', stream: false });
    const parts = messages.flatMap((message) => message.parts);
    const callIds = parts.flatMap((part) => (part.type === 'tool_call' ? [part.id] : []));
    expect(callIds).toHaveLength(2);
    expect(parts.flatMap((part) => (part.type === 'tool_result' ? [part.callId] : []))).toEqual(callIds);
    expect(parts.find((part) => part.type === 'thinking')).toMatchObject({
      text: 'Need the tool.',
      signature: 'c2lnbmVk',
    });
  });

  test('sees a fault in mid-stream', async () => {
    const fault = protocolFaults.upstream_truncated('the upstream closed too early');
    const body = write(protocol, [...answer.slice(0, 4), { type: 'fault', fault }]);
    server.reply = () => ({ headers: eventStream, body });
    const errors: unknown[] = [];
    const result = streamText({
      model: models[id],
      prompt: 'Bled?',
      maxRetries: 0,
      onError: ({ error }) => void errors.push(error),
    });
    await result.consumeStream();
    expect(errors.length).toBeGreaterThan(0);
  });
});
