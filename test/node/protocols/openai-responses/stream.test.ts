import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import type { StreamEvent } from '../../../../node/conversation/contract.ts';
import { fold } from '../../../../node/conversation/fold.ts';
import type { AnswerContext } from '../../../../node/protocols/contract.ts';
import { protocolFaults } from '../../../../node/protocols/faults.ts';
import { openaiResponsesProtocol as protocol } from '../../../../node/protocols/openai-responses/index.ts';
import { SseParser } from '../../../../node/wire/sse.ts';
import { eventLists } from '../event-lists.ts';

const { toolKinds } = protocol.decodeRequest(
  { input: 'x', tools: [{ type: 'custom', name: 'apply_patch' }, { type: 'local_shell' }] },
  { model: 'm', stream: true },
);
const context: AnswerContext = {
  model: 'my-model',
  requestId: 'req1',
  framing: 'sse',
  includeUsage: false,
  nowMs: 1_700_000_000_123,
  toolKinds: toolKinds!,
};

interface Sent extends JsonObject {
  type: string;
}

function read(text: string): Sent[] {
  const events: Sent[] = [];
  const parser = new SseParser({ eventSizeBytesMax: 1 << 20, tooLarge: () => new Error('too large') });
  parser.push(Buffer.from(text), (name, data) => {
    const event = JSON.parse(data) as Sent;
    expect(event.type).toBe(name);
    events.push(event);
  });
  return events;
}

function sent(events: StreamEvent[]): Sent[] {
  const encoder = protocol.openEncoder(context);
  return read(events.map((event) => encoder.push(event)).join('') + encoder.end());
}

/** Takes the items together from their deltas alone, as a client that shows a stream does. */
function fromDeltas(events: Sent[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const event of events) {
    const id = event.item_id as string;
    if (event.type.endsWith('.delta')) texts.set(id, (texts.get(id) ?? '') + String(event.delta));
  }
  return texts;
}

test('sequence numbers are contiguous, items open and close in turn, the last event ends the answer', () => {
  fc.assert(
    fc.property(eventLists, (list) => {
      const events = sent(list);
      expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
      let open: number | undefined;
      let next = 0;
      for (const { type, output_index: index } of events) {
        if (type === 'response.output_item.added') {
          expect([open, index]).toEqual([undefined, next++]);
          open = index as number;
        } else if (index !== undefined) expect(index).toBe(open);
        if (type === 'response.output_item.done') open = undefined;
      }
      expect(open).toBeUndefined();
      expect(events.at(-1)!.type).toMatch(/^response\.(completed|incomplete)$/);
      expect(events.filter(({ type }) => /completed|incomplete|failed/.test(type))).toHaveLength(1);
    }),
  );
});

test('the stream tells what the complete answer says', () => {
  fc.assert(
    fc.property(eventLists, (list) => {
      const events = sent(list);
      const { response } = events.at(-1)!;
      const whole = JSON.parse(JSON.stringify(protocol.encodeAnswer(fold(list), context))) as JsonObject;
      expect(response).toEqual(whole);
      const done = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
      expect(done).toEqual(whole.output);
    }),
  );
});

test('deltas add up to what the done events say, and no character is cut', () => {
  fc.assert(
    fc.property(eventLists, (list) => {
      const events = sent(list);
      const texts = fromDeltas(events);
      for (const event of events) {
        if (event.type === 'response.output_item.done' || !event.type.endsWith('.done') || event.part !== undefined)
          continue;
        expect(texts.get(event.item_id as string)).toBe(event.text ?? event.arguments ?? event.input);
      }
      for (const text of texts.values()) expect(text.isWellFormed()).toBe(true);
    }),
  );
});

test('what the client sends back next turn has the same thinking, calls and signatures', () => {
  fc.assert(
    fc.property(eventLists, (list) => {
      const answer = fold(list);
      const { output } = protocol.encodeAnswer(answer, context);
      const input = JSON.parse(
        JSON.stringify([{ role: 'user', content: 'x' }, ...(output as JsonObject[])]),
      ) as JsonObject[];
      const { messages } = protocol.decodeRequest({ input }, { model: 'm', stream: true });
      const back = messages.slice(1).flatMap((message) => message.parts);
      const kept = back.filter((part) => part.type !== 'text');
      const expected = answer.parts.filter((part) => part.type !== 'text' && part.type !== 'image');
      expect(kept.map((part) => [part.type, 'signature' in part ? part.signature : undefined])).toEqual(
        expected.map((part) => [part.type, 'signature' in part ? part.signature : undefined]),
      );
      const names = (parts: typeof back) =>
        parts.flatMap((part) => (part.type === 'tool_call' ? [[part.id, part.name]] : []));
      expect(names(kept)).toEqual(names(expected));
    }),
  );
});

test('a fault ends the stream with error and response.failed, whatever is open', () => {
  const fault = protocolFaults.upstream_rate_limited('quota used up', { retryAfterMs: 11_200 });
  fc.assert(
    fc.property(eventLists, fc.nat(20), (list, cut) => {
      const encoder = protocol.openEncoder(context);
      const begun = list.slice(0, Math.max(1, Math.min(cut, list.length - 2)));
      const before = begun.map((event) => encoder.push(event)).join('');
      const after = read(before + encoder.push({ type: 'fault', fault }) + encoder.end()).slice(-2);
      expect(after.map(({ type }) => type)).toEqual(['error', 'response.failed']);
      expect(after[0]).toMatchObject({ code: 'rate_limit_exceeded', param: null });
      // Codex reads its waiting time off the message.
      expect(after[1]!.response).toMatchObject({
        status: 'failed',
        error: { code: 'rate_limit_exceeded', message: 'quota used up Please try again in 12s.' },
      });
    }),
  );
});

test('a character cut between two deltas is sent whole', () => {
  const events = sent([
    { type: 'start', id: '', model: '' },
    { type: 'text', text: 'a\ud83d' },
    { type: 'text', text: '\ude00b\ud83d' },
    { type: 'finish', reason: 'stop' },
  ]);
  const deltas = events.filter(({ type }) => type.endsWith('text.delta')).map(({ delta }) => delta);
  expect(deltas).toEqual(['a', '😀b', '\ufffd']);
});

test('ids have their prefixes and at most 64 characters', () => {
  const events = sent([
    { type: 'start', id: `chatcmpl-${'x'.repeat(100)}`, model: '' },
    { type: 'text', text: 'a' },
    { type: 'finish', reason: 'stop' },
  ]);
  const { id, output } = events.at(-1)!.response as { id: string; output: { id: string }[] };
  expect(id).toMatch(/^resp_x{1,59}$/);
  expect(output[0]!.id).toMatch(/^msg_x{1,58}_0$/);
});

test('Codex gets usage with numbers even where the upstream counted only its output', () => {
  const encoder = protocol.openEncoder({ ...context, estimatedInputTokens: 77 });
  const list: StreamEvent[] = [
    { type: 'start', id: '', model: '' },
    { type: 'finish', reason: 'stop' },
    { type: 'usage', usage: { outputTotal: 5 } },
  ];
  const events = read(list.map((event) => encoder.push(event)).join('') + encoder.end());
  expect(events.at(-1)!.response).toMatchObject({ usage: { input_tokens: 77, output_tokens: 5, total_tokens: 82 } });
});
