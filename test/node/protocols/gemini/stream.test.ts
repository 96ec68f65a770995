import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../../kit/json.ts';
import type { Part, StreamEvent } from '../../../../node/conversation/contract.ts';
import { fold } from '../../../../node/conversation/fold.ts';
import type { AnswerContext, Framing } from '../../../../node/protocols/contract.ts';
import { protocolFaults } from '../../../../node/protocols/faults.ts';
import { geminiProtocol as protocol } from '../../../../node/protocols/gemini/index.ts';
import { SseParser } from '../../../../node/wire/sse.ts';
import { eventLists } from '../event-lists.ts';

interface Chunk {
  candidates: { content: { parts: JsonObject[]; role: string }; finishReason?: string; index: number }[];
  usageMetadata?: JsonObject;
  modelVersion: string;
  responseId: string;
  error?: JsonObject;
}

function contextOf(framing: Framing): AnswerContext {
  return { model: 'my-model', requestId: 'req1', framing, includeUsage: false, nowMs: 0 };
}

function write(events: StreamEvent[], framing: Framing): string {
  const encoder = protocol.openEncoder(contextOf(framing));
  return events.map((event) => encoder.push(event)).join('') + encoder.end();
}

function read(text: string, framing: Framing): Chunk[] {
  if (framing === 'json-array') return JSON.parse(text) as Chunk[];
  const chunks: Chunk[] = [];
  const parser = new SseParser({ eventSizeBytesMax: 1 << 20, tooLarge: () => new Error('too large') });
  parser.push(Buffer.from(text), (name, data) => {
    expect(name).toBeUndefined();
    chunks.push(JSON.parse(data) as Chunk);
  });
  return chunks;
}

const framings: Framing[] = ['sse', 'json-array'];
const framing = fc.constantFrom(...framings);

/** Neighbouring texts and thoughts as one, empty ones left out: what a reader of the whole stream has in the end. */
function joined(parts: JsonObject[]): JsonObject[] {
  const result: JsonObject[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    const isSameText = last?.text !== undefined && part.text !== undefined && last.thought === part.thought;
    if (isSameText && last.thoughtSignature === undefined) {
      result[result.length - 1] = { ...last, ...part, text: String(last.text) + String(part.text) };
    } else result.push(part);
  }
  return result.filter((part) => part.text !== '' || part.thoughtSignature !== undefined);
}

test('the stream tells what the complete answer says, in either framing', () => {
  fc.assert(
    fc.property(eventLists, framing, (list, framing) => {
      const chunks = read(write(list, framing), framing);
      const whole = JSON.parse(JSON.stringify(protocol.encodeAnswer(fold(list), contextOf(framing)))) as Chunk;
      const parts = chunks.flatMap((chunk) => chunk.candidates[0]!.content.parts);
      expect(joined(parts)).toEqual(joined(whole.candidates[0]!.content.parts));
      const last = chunks.at(-1)!;
      expect(last.candidates[0]!.finishReason).toBe(whole.candidates[0]!.finishReason);
      expect(last.usageMetadata).toEqual(whole.usageMetadata);
      for (const chunk of chunks) {
        expect(chunk).toMatchObject({ modelVersion: 'my-model', responseId: 'msg_1' });
        expect(chunk.candidates[0]).toMatchObject({ index: 0, content: { role: 'model' } });
        if (chunk !== last) expect(chunk.candidates[0]).not.toHaveProperty('finishReason');
      }
    }),
  );
});

test('what the client sends back next turn has the same thinking, calls and signatures', () => {
  const known = (parts: Part[]) =>
    parts.flatMap((part) => {
      if (part.type === 'tool_call') return [[part.type, part.id, part.name, part.argumentsJson, part.signature]];
      if (part.type === 'thinking') return [[part.type, part.text.toWellFormed(), part.signature]];
      return part.type === 'redacted_thinking' ? [[part.type, part.data]] : [];
    });
  fc.assert(
    fc.property(eventLists, framing, (list, framing) => {
      const contents = read(write(list, framing), framing).map((chunk) => chunk.candidates[0]!.content);
      const { messages } = protocol.decodeRequest(
        { contents: contents as unknown as JsonObject[] },
        { model: 'm', stream: true },
      );
      const back = messages.flatMap((message) => message.parts);
      expect(known(back)).toEqual(known(fold(list).parts));
    }),
  );
});

describe('a fault', () => {
  const fault = protocolFaults.upstream_truncated('gone');

  test('is an error element, after which the array is closed', () => {
    fc.assert(
      fc.property(eventLists, fc.nat(20), framing, (list, cut, framing) => {
        const encoder = protocol.openEncoder(contextOf(framing));
        const begun = list.slice(0, Math.max(1, Math.min(cut, list.length - 2)));
        const before = begun.map((event) => encoder.push(event)).join('');
        const chunks = read(before + encoder.push({ type: 'fault', fault }) + encoder.end(), framing);
        expect(chunks.at(-1)).toEqual({ error: { code: 502, message: 'gone', status: 'INTERNAL' } });
        for (const chunk of chunks.slice(0, -1)) expect(chunk.candidates[0]).not.toHaveProperty('finishReason');
      }),
    );
  });

  test('is written without an encoder too', () => {
    const begun = write(
      [
        { type: 'start', id: '', model: '' },
        { type: 'text', text: 'a' },
      ],
      'json-array',
    );
    expect(read(begun + protocol.encodeStreamFault(fault, 'r', 'json-array'), 'json-array')).toHaveLength(2);
    const events = write(
      [
        { type: 'start', id: '', model: '' },
        { type: 'text', text: 'a' },
      ],
      'sse',
    );
    expect(read(events + protocol.encodeStreamFault(fault, 'r', 'sse'), 'sse')[1]).toHaveProperty('error');
  });
});

test('keep-alives change nothing', () => {
  const list: StreamEvent[] = [
    { type: 'start', id: '', model: '' },
    { type: 'text', text: 'a' },
    { type: 'text', text: 'b' },
    { type: 'finish', reason: 'stop' },
  ];
  for (const framing of framings) {
    const alive = framing === 'sse' ? protocol.keepAlive.sse : protocol.keepAlive.jsonArray;
    const encoder = protocol.openEncoder(contextOf(framing));
    const pieces = list.map((event) => encoder.push(event));
    const text = [pieces[0]! + pieces[1]!, pieces[2]! + pieces[3]!, encoder.end()].join(alive);
    expect(read(text, framing)).toEqual(read(write(list, framing), framing));
  }
});

test('parallel calls are whole parts, one chunk each, never numbered', () => {
  const list: StreamEvent[] = [
    { type: 'start', id: '', model: '' },
    { type: 'tool_start', id: 'a', name: 'f' },
    { type: 'tool_arguments', json: '{"x"' },
    { type: 'tool_arguments', json: ':1}' },
    { type: 'tool_end' },
    { type: 'tool_start', id: 'b', name: 'f' },
    { type: 'tool_end' },
    { type: 'finish', reason: 'tool_calls' },
  ];
  const parts = read(write(list, 'sse'), 'sse').map((chunk) => chunk.candidates[0]!.content.parts);
  expect(parts).toEqual([
    [{ functionCall: { id: 'a', name: 'f', args: { x: 1 } } }],
    [{ functionCall: { id: 'b', name: 'f', args: {} } }],
    [{ text: '' }],
  ]);
});

test.each([
  ['{"id":12345678901234567890,"n":1.50,"small":7}', '{"id":12345678901234567890,"n":1.5,"small":7}'],
  ['{"list":[-99999999999999999999]}', '{"list":[-99999999999999999999]}'],
  ['', '{}'],
  ['{"cut":"of', '{"cut":"of"}'],
  ['[1]', '{"value":[1]}'],
])('arguments %s become the object %s', (json, expected) => {
  const list: StreamEvent[] = [
    { type: 'start', id: '', model: '' },
    { type: 'tool_start', id: 'a', name: 'f' },
    { type: 'tool_arguments', json },
    { type: 'tool_end' },
    { type: 'finish', reason: 'tool_calls' },
  ];
  expect(write(list, 'sse')).toContain(`"args":${expected}`);
  expect(JSON.stringify(protocol.encodeAnswer(fold(list), contextOf('sse')))).toContain(`"args":${expected}`);
});

test('a character cut between two deltas is sent whole, thoughts and text apart', () => {
  const list: StreamEvent[] = [
    { type: 'start', id: '', model: '' },
    { type: 'thinking', text: 'a\ud83d' },
    { type: 'text', text: 'b\ud83d' },
    { type: 'text', text: '\ude00' },
    { type: 'finish', reason: 'stop' },
  ];
  const parts = read(write(list, 'sse'), 'sse').flatMap((chunk) => chunk.candidates[0]!.content.parts);
  expect(parts).toEqual([
    { text: 'a', thought: true },
    { text: '\ufffd', thought: true },
    { text: 'b' },
    { text: '😀' },
    { text: '' },
  ]);
});

test('counts that nobody knows are left out; the estimate stands for the prompt', () => {
  const start: StreamEvent = { type: 'start', id: '', model: '' };
  const [last] = read(write([start, { type: 'finish', reason: 'stop' }], 'sse'), 'sse');
  expect(last).not.toHaveProperty('usageMetadata');
  const encoder = protocol.openEncoder({ ...contextOf('sse'), estimatedInputTokens: 7 });
  const list: StreamEvent[] = [start, { type: 'usage', usage: { outputTotal: 2 } }, { type: 'finish', reason: 'stop' }];
  const [counted] = read(list.map((event) => encoder.push(event)).join('') + encoder.end(), 'sse');
  expect(counted!.usageMetadata).toEqual({ promptTokenCount: 7, candidatesTokenCount: 2, totalTokenCount: 9 });
});

test('finish reasons', () => {
  const reasons = {
    stop: 'STOP',
    stop_sequence: 'STOP',
    tool_calls: 'STOP',
    pause: 'STOP',
    length: 'MAX_TOKENS',
    context_window_exceeded: 'MAX_TOKENS',
    refusal: 'SAFETY',
  } as const;
  for (const [finish, expected] of Object.entries(reasons)) {
    const answer = { id: 'a', model: 'm', parts: [], finish: finish as keyof typeof reasons, usage: {} };
    const { candidates } = protocol.encodeAnswer(answer, contextOf('sse'));
    expect(Array.isArray(candidates) && isJsonObject(candidates[0]) && candidates[0].finishReason).toBe(expected);
  }
});
