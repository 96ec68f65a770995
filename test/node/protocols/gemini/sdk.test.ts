import { ApiError, FunctionCallingConfigMode, GoogleGenAI, Type } from '@google/genai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StreamEvent } from '../../../../node/conversation/contract.ts';
import { fold } from '../../../../node/conversation/fold.ts';
import type { AnswerContext } from '../../../../node/protocols/contract.ts';
import { protocolFaults } from '../../../../node/protocols/faults.ts';
import { geminiProtocol as protocol } from '../../../../node/protocols/gemini/index.ts';
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
  { type: 'thinking_signature', signature: 'c2lnbmVk' },
  { type: 'text', text: 'Let me ' },
  { type: 'text', text: 'look 😀.' },
  { type: 'tool_start', id: 'toolu_1', name: 'lake_info', signature: 'aiproxy0gemini00Y2FsbA==' },
  { type: 'tool_arguments', json: '{"lake":' },
  { type: 'tool_arguments', json: '"Bled"}' },
  { type: 'tool_end' },
  { type: 'tool_start', id: 'toolu_2', name: 'lake_info' },
  { type: 'tool_end' },
  { type: 'finish', reason: 'tool_calls' },
  { type: 'usage', usage: { inputTotal: 42, cacheRead: 30, outputTotal: 17, reasoning: 5 } },
];

function written(events: StreamEvent[]): string {
  const encoder = protocol.openEncoder(context);
  return events.map((event) => encoder.push(event)).join('') + encoder.end();
}

const server = new LocalServer();
let client: GoogleGenAI;

beforeAll(async () => {
  const baseUrl = await server.start();
  client = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl } });
});
afterAll(() => server.stop());

function replyStream(body: string, pieceSizeBytes?: number): void {
  server.reply = () => ({ headers: eventStream, body, ...(pieceSizeBytes === undefined ? {} : { pieceSizeBytes }) });
}

function replyWhole(): void {
  server.reply = () => ({ body: JSON.stringify(protocol.encodeAnswer(fold(answer), context)) });
}

async function readAll<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const chunks: T[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const usageMetadata = {
  promptTokenCount: 42,
  cachedContentTokenCount: 30,
  candidatesTokenCount: 12,
  thoughtsTokenCount: 5,
  totalTokenCount: 59,
};
const calls = [
  { id: 'toolu_1', name: 'lake_info', args: { lake: 'Bled' } },
  { id: 'toolu_2', name: 'lake_info', args: {} },
];

describe('the Google SDK reads our answers', () => {
  test.each([[undefined], [1]])('streamed, in pieces of %s', async (pieceSizeBytes) => {
    replyStream(written(answer), pieceSizeBytes);
    const chunks = await readAll(await client.models.generateContentStream({ model: 'my-model', contents: 'hello' }));
    expect(server.last.path).toBe('/v1/models/my-model:streamGenerateContent?alt=sse');
    const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
    const thoughts = parts.filter((part) => part.thought === true);
    expect(thoughts.map((part) => part.text).join('')).toBe('Need the tool.');
    expect(thoughts.at(-1)!.thoughtSignature).toBe('aiproxy0claude00c2lnbmVk');
    const text = parts.filter((part) => part.text !== undefined && part.thought !== true).map((part) => part.text);
    expect(text.join('')).toBe('Let me look 😀.');
    expect(chunks.flatMap((chunk) => chunk.functionCalls ?? [])).toEqual(calls);
    expect(parts.find((part) => part.functionCall)!.thoughtSignature).toBe('Y2FsbA==');
    expect(chunks.map((chunk) => chunk.candidates?.[0]?.finishReason).filter(Boolean)).toEqual(['STOP']);
    expect(chunks.at(-1)).toMatchObject({ usageMetadata, modelVersion: 'my-model', responseId: 'msg_abc' });
    expect(new Set(chunks.map((chunk) => chunk.responseId))).toEqual(new Set(['msg_abc']));
  });

  test('whole', async () => {
    replyWhole();
    const response = await client.models.generateContent({ model: 'my-model', contents: 'hello' });
    const texts = response.candidates![0]!.content!.parts!.filter((part) => part.text !== undefined);
    expect(texts.map((part) => part.text)).toEqual(['Need the tool.', 'Let me look 😀.']);
    expect(response.functionCalls).toEqual(calls);
    expect(response).toMatchObject({ usageMetadata, modelVersion: 'my-model' });
    expect(response.candidates![0]!.finishReason).toBe('STOP');
  });

  test('an answer without any content is well-formed', async () => {
    const empty: StreamEvent[] = [
      { type: 'start', id: '', model: '' },
      { type: 'finish', reason: 'refusal' },
    ];
    replyStream(written(empty));
    const [chunk] = await readAll(await client.models.generateContentStream({ model: 'my-model', contents: 'x' }));
    expect(chunk!.candidates![0]).toMatchObject({ finishReason: 'SAFETY', content: { parts: [{ text: '' }] } });
    server.reply = () => ({ body: JSON.stringify(protocol.encodeAnswer(fold(empty), context)) });
    const whole = await client.models.generateContent({ model: 'my-model', contents: 'x' });
    expect(whole.candidates![0]).toMatchObject({ finishReason: 'SAFETY', content: { parts: [{ text: '' }] } });
  });

  test('a count of tokens', async () => {
    server.reply = () => ({ body: JSON.stringify(protocol.encodeTokenCount(31)) });
    const count = await client.models.countTokens({ model: 'my-model', contents: 'hello' });
    expect(count.totalTokens).toBe(31);
    const { messages } = protocol.decodeRequest(server.last.body, { model: 'my-model', stream: false });
    expect(messages).toEqual([{ role: 'user', parts: [{ type: 'text', text: 'hello' }] }]);
  });
});

describe('faults', () => {
  test.each([[undefined], [1]])('in mid-stream throw, in pieces of %s', async (pieceSizeBytes) => {
    const fault = protocolFaults.upstream_truncated('the upstream closed too early');
    replyStream(written([...answer.slice(0, 7), { type: 'fault', fault }]), pieceSizeBytes);
    const stream = await client.models.generateContentStream({ model: 'my-model', contents: 'hello' });
    await expect(readAll(stream)).rejects.toThrow(/closed too early/);
  });

  test('before the stream throw with their status', async () => {
    const { status, headers, body } = protocol.encodeFault(protocolFaults.context_too_long('prompt is too long'), 'r');
    server.reply = () => ({ status, headers, body });
    const error = await client.models.generateContent({ model: 'm', contents: 'x' }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).status).toBe(400);
    expect((error as ApiError).message).toContain('prompt is too long');
  });
});

describe('what the SDK sends is understood', () => {
  test('text, images, tools, results and settings', async () => {
    replyWhole();
    await client.models.generateContent({
      model: 'my-model',
      contents: [
        { role: 'user', parts: [{ text: 'What is this?' }, { inlineData: { mimeType: 'image/png', data: 'aGk=' } }] },
        {
          role: 'model',
          parts: [{ functionCall: { name: 'lake_info', args: { lake: 'Bled' } }, thoughtSignature: 'Y2FsbA==' }],
        },
        { role: 'user', parts: [{ functionResponse: { name: 'lake_info', response: { output: '30 m' } } }] },
      ],
      config: {
        systemInstruction: 'Be brief.',
        tools: [
          {
            functionDeclarations: [
              {
                name: 'lake_info',
                description: 'Look up',
                parameters: {
                  type: Type.OBJECT,
                  properties: {
                    lake: { type: Type.STRING, nullable: true },
                    n: { type: Type.ARRAY, items: { type: Type.INTEGER }, minItems: '1' },
                  },
                  required: ['lake'],
                },
              },
            ],
          },
          { googleSearch: {} },
        ],
        toolConfig: {
          functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['lake_info'] },
        },
        maxOutputTokens: 900,
        temperature: 0.5,
        topP: 0.9,
        topK: 40,
        seed: 7,
        stopSequences: ['END', ''],
        thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 },
        responseMimeType: 'application/json',
        responseSchema: { type: Type.OBJECT, properties: { depth: { type: Type.NUMBER } } },
        safetySettings: [],
      },
    });
    expect(protocol.decodeRequest(server.last.body, { model: 'my-model', stream: false })).toEqual({
      model: 'my-model',
      system: [{ type: 'text', text: 'Be brief.' }],
      messages: [
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', mediaType: 'image/png', data: 'aGk=' },
          ],
        },
        {
          role: 'assistant',
          parts: [
            {
              type: 'tool_call',
              id: 'gemini_call_0',
              name: 'lake_info',
              argumentsJson: '{"lake":"Bled"}',
              signature: 'aiproxy0gemini00Y2FsbA==',
            },
          ],
        },
        {
          role: 'user',
          parts: [
            {
              type: 'tool_result',
              callId: 'gemini_call_0',
              name: 'lake_info',
              content: [{ type: 'text', text: '30 m' }],
            },
          ],
        },
      ],
      tools: [
        {
          name: 'lake_info',
          description: 'Look up',
          schema: {
            type: 'object',
            properties: {
              lake: { type: ['string', 'null'] },
              n: { type: 'array', items: { type: 'integer' }, minItems: 1 },
            },
            required: ['lake'],
          },
        },
      ],
      toolChoice: { type: 'tool', name: 'lake_info' },
      maxTokens: 900,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      seed: 7,
      stop: ['END'],
      thinking: { mode: 'on', budgetTokens: 2048 },
      outputFormat: { type: 'json_schema', schema: { type: 'object', properties: { depth: { type: 'number' } } } },
      stream: false,
      dropped: ['safetySettings', 'tools.googleSearch'],
    });
    expect(protocol.scanRequest(server.last.bytes)).toMatchObject({ model: '', hasMaxTokens: true });
  });

  test('a JSON schema for tools and answers', async () => {
    replyWhole();
    const schema = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false };
    await client.models.generateContent({
      model: 'my-model',
      contents: 'x',
      config: {
        tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: schema }] }],
        responseMimeType: 'application/json',
        responseJsonSchema: schema,
      },
    });
    const conversation = protocol.decodeRequest(server.last.body, { model: 'm', stream: false });
    expect(conversation.tools).toEqual([{ name: 'f', schema }]);
    expect(conversation.outputFormat).toEqual({ type: 'json_schema', schema });
  });

  test('a chat: what one turn streamed is the history of the next', async () => {
    const chat = client.chats.create({ model: 'my-model' });
    replyStream(written(answer));
    await readAll(await chat.sendMessageStream({ message: 'Bled?' }));
    const response = { output: 'ok' };
    await readAll(
      await chat.sendMessageStream({
        message: [
          { functionResponse: { name: 'lake_info', response } },
          { functionResponse: { id: 'toolu_2', name: 'lake_info', response } },
        ],
      }),
    );
    const { messages } = protocol.decodeRequest(server.last.body, { model: 'm', stream: true });
    expect(messages.map((message) => message.role)).toEqual(['user', 'assistant', 'user']);
    const [thought, ...others] = messages[1]!.parts;
    expect(thought).toEqual({ type: 'thinking', text: 'Need the tool.', signature: 'c2lnbmVk' });
    expect(others.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('')).toBe('Let me look 😀.');
    expect(others.filter((part) => part.type === 'tool_call')).toEqual([
      {
        type: 'tool_call',
        id: 'toolu_1',
        name: 'lake_info',
        argumentsJson: '{"lake":"Bled"}',
        signature: 'aiproxy0gemini00Y2FsbA==',
      },
      { type: 'tool_call', id: 'toolu_2', name: 'lake_info', argumentsJson: '{}' },
    ]);
    expect(messages[2]!.parts).toMatchObject([{ callId: 'toolu_1' }, { callId: 'toolu_2' }]);
  });
});
