/** Event streams as the service sends them, written with AWS's own codec, and what the reader makes of them. */
import { EventStreamCodec, type MessageHeaders } from '@smithy/eventstream-codec';
import type { Json } from '../../../../kit/json.ts';
import type { StreamEvent } from '../../../../node/conversation/contract.ts';
import { orderBreach } from '../../../../node/conversation/order-check.ts';
import type { ReadingContext } from '../../../../node/protocols/codewhisperer/contract.ts';
import { makeCodewhispererReader } from '../../../../node/protocols/codewhisperer/reader.ts';
import { ManualClock } from '../../../manual-clock.ts';

export const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()),
  (text) => Buffer.from(text),
);

export function frame(headers: Record<string, string>, payload: Json | undefined): Buffer {
  const typed: MessageHeaders = {};
  for (const [name, value] of Object.entries(headers)) typed[name] = { type: 'string', value };
  const body = Buffer.from(payload === undefined ? '' : JSON.stringify(payload));
  return Buffer.from(codec.encode({ headers: typed, body }));
}

/** One event, by the name of its type. */
export function event(type: string, payload: Json = {}): Buffer {
  return frame({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }, payload);
}

export const text = (content: string) => event('assistantResponseEvent', { content, modelId: 'claude-sonnet-4.5' });
export const reasoning = (payload: Json) => event('reasoningContentEvent', payload);
export const tool = (payload: Json) => event('toolUseEvent', payload);
export const exception = (type: string, payload: Json) =>
  frame({ ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' }, payload);

export const reading: ReadingContext = {
  model: 'claude-sonnet-4.5',
  toolNames: new Map(),
  stop: [],
  readsThinkingTags: false,
  estimatedInputTokens: 120,
  contextTokens: 200_000,
};

/** Saturday, 21 November 2026, noon UTC. */
export const nowMs = Date.UTC(2026, 10, 21, 12);

export const reader = makeCodewhispererReader({ clock: new ManualClock(nowMs) });

/** All events of a body that ends cleanly, given in these pieces; fails when their order is one that the contract forbids. */
export function decode(pieces: readonly Uint8Array[], context: Partial<ReadingContext> = {}): StreamEvent[] {
  const decoder = reader.openDecoder({ ...reading, ...context }, 'msg_1');
  const events: StreamEvent[] = [];
  for (const piece of pieces) decoder.push(piece, events);
  decoder.end(events);
  const breach = orderBreach(events);
  if (breach !== undefined) throw new Error(breach);
  return events;
}

/** The events without `start` and `usage`, neighbouring pieces of one kind joined. */
export function gist(events: readonly StreamEvent[]): StreamEvent[] {
  const joined: StreamEvent[] = [];
  for (const event of events) {
    const last = joined.at(-1);
    if (event.type === 'start' || event.type === 'usage') continue;
    if (event.type === 'text' && last?.type === 'text')
      joined[joined.length - 1] = { ...event, text: last.text + event.text };
    else if (event.type === 'thinking' && last?.type === 'thinking') {
      joined[joined.length - 1] = { ...event, text: last.text + event.text };
    } else if (event.type === 'tool_arguments' && last?.type === 'tool_arguments') {
      joined[joined.length - 1] = { ...event, json: last.json + event.json };
    } else joined.push(event);
  }
  return joined;
}

/** The gist of what these frames say. */
export const told = (frames: readonly Buffer[], context: Partial<ReadingContext> = {}) => gist(decode(frames, context));

export function bytewise(bytes: Uint8Array): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.from([byte]));
}

/** The bytes cut at these offsets, in any order. */
export function cutAt(bytes: Buffer, offsets: readonly number[]): Buffer[] {
  const at = [...new Set(offsets.map((offset) => offset % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, index) => bytes.subarray(start, at[index] ?? bytes.length));
}
