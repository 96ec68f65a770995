/** Random answers for property tests: what any provider could say, in the normal form that folding gives. */
import * as fc from 'fast-check';
import type { Answer, FinishReason, Part, StreamEvent, Usage } from '../../../../node/conversation/contract.ts';
import { anthropicProtocol } from '../../../../node/protocols/anthropic/index.ts';
import type { AnswerContext } from '../../../../node/protocols/contract.ts';

const text = fc.oneof(
  fc.string({ minLength: 1, unit: 'grapheme' }),
  fc.constantFrom('message_stop', '"type":"error"', 'event: error\ndata: {}\n\n', '\r\n', '\\u0041', '\u2028'),
);
const base64 = fc.base64String({ minLength: 4 });
const id = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/);
const count = fc.nat(1_000_000);

const part: fc.Arbitrary<Part> = fc.oneof(
  text.map((text): Part => ({ type: 'text', text })),
  fc
    .tuple(fc.oneof(text, fc.constant('')), base64)
    .map(([text, signature]): Part => ({ type: 'thinking', text, signature })),
  text.map((text): Part => ({ type: 'thinking', text })),
  base64.map((data): Part => ({ type: 'redacted_thinking', data })),
  fc
    .tuple(id, id, fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }))
    .map(([id, name, input]): Part => ({ type: 'tool_call', id, name, argumentsJson: JSON.stringify(input) })),
);

/** Neighbours that folding would join are taken apart: text and text, unsigned thinking and thinking. */
function withoutJoins(parts: Part[]): Part[] {
  return parts.filter((part, index) => {
    const before = parts[index - 1];
    if (part.type === 'text') return before?.type !== 'text';
    return !(part.type === 'thinking' && before?.type === 'thinking');
  });
}

const usage: fc.Arbitrary<Usage> = fc
  .record({ input: count, cacheRead: count, cacheWrite: count, outputTotal: fc.integer({ min: 1, max: 1_000_000 }) })
  .map(({ input, cacheRead, cacheWrite, outputTotal }) => ({
    inputTotal: input + cacheRead + cacheWrite,
    cacheRead,
    cacheWrite,
    outputTotal,
  }));

const finishWithoutCalls: FinishReason[] = ['stop', 'length', 'refusal', 'pause', 'context_window_exceeded'];

export const anyAnswer: fc.Arbitrary<Answer> = fc
  .record({
    id: id.map((id) => `msg_${id}`),
    parts: fc.array(part, { maxLength: 8 }),
    usage,
    reason: fc.nat(4),
    stop: fc.option(text),
  })
  .map(({ id, parts, usage, reason, stop }) => {
    const kept = withoutJoins(parts);
    const hasCalls = kept.some((part) => part.type === 'tool_call');
    const answer: Answer = {
      id,
      model: 'm',
      parts: kept,
      finish: hasCalls ? 'tool_calls' : finishWithoutCalls[reason]!,
      usage,
    };
    if (stop !== null && !hasCalls) {
      answer.finish = 'stop_sequence';
      answer.stopSequence = stop;
    }
    return answer;
  });

/** Cuts bytes at the given places (taken modulo the length). */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const offsets = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return offsets.slice(1).map((end, index) => bytes.subarray(offsets[index], end));
}

const context: AnswerContext = { model: 'm', requestId: 'r1', framing: 'sse', includeUsage: false, nowMs: 0 };

/** The whole text that a client gets for these events. */
export function encodeAll(events: readonly StreamEvent[], settings: Partial<AnswerContext> = {}): string {
  const encoder = anthropicProtocol.openEncoder({ ...context, ...settings });
  return events.map((event) => encoder.push(event)).join('') + encoder.end();
}
