import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../../kit/fault.ts';
import type { JsonObject } from '../../../../kit/json.ts';
import type { RelayOptions } from '../../../../node/protocols/contract.ts';
import { openaiResponsesProtocol as protocol } from '../../../../node/protocols/openai-responses/index.ts';
import { eventLists } from '../event-lists.ts';
import { relayed } from '../relayed.ts';

const options: RelayOptions = { hideUsage: false, eventSizeBytesMax: 1 << 20 };
const context = { model: 'up-model', requestId: 'r', framing: 'sse', includeUsage: false, nowMs: 0 } as const;

function sse(type: string, fields: JsonObject = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

const usage = { input_tokens: 9, input_tokens_details: { cached_tokens: 4 }, output_tokens: 2, total_tokens: 11 };
const created = sse('response.created', { response: { id: 'r', model: 'up-model', error: null, usage: null } });
const message = sse('response.output_item.added', { output_index: 0, item: { type: 'message', content: [] } });
const delta = sse('response.output_text.delta', { delta: 'say "response.completed" and "error" ' });
const completed = sse('response.completed', { response: { id: 'r', model: 'up-model', usage } });

test('a whole stream goes through byte by byte unchanged', () => {
  fc.assert(
    fc.property(eventLists, fc.integer({ min: 1, max: 200 }), (list, size) => {
      const encoder = protocol.openEncoder(context);
      const text = list.map((event) => encoder.push(event)).join('') + encoder.end();
      const relay = protocol.openRelay(options);
      expect(relayed(relay, text, size)).toBe(text);
      expect(relay.phase).toBe('finished');
      expect(relay.usage).toMatchObject({ inputTotal: 100, cacheRead: 80, outputTotal: 50, reasoning: 20 });
    }),
  );
});

test('content begins with the first delta, or with an item that is content itself', () => {
  const relay = protocol.openRelay(options);
  relay.push(Buffer.from(created + message));
  expect(relay.phase).toBe('opening');
  relay.push(Buffer.from(delta));
  expect(relay.phase).toBe('content');
  relay.push(Buffer.from(completed));
  expect(relay.phase).toBe('finished');
  expect(relay.usage).toEqual({ inputTotal: 9, cacheRead: 4, outputTotal: 2 });
  const other = protocol.openRelay(options);
  other.push(Buffer.from(created + sse('response.output_item.added', { item: { type: 'function_call', name: 'x' } })));
  expect(other.phase).toBe('content');
});

test('a stream cut in its middle is not finished', () => {
  const relay = protocol.openRelay(options);
  expect(relayed(relay, created + message + delta + completed.slice(0, 60), 7)).toBe(created + message + delta);
  expect(relay.phase).toBe('content');
});

describe('errors inside the stream become faults and are not handed on', () => {
  test.each<[JsonObject, Partial<Fault>]>([
    [
      { code: 'context_length_exceeded', message: 'Your input exceeds the context window.' },
      { code: 'context_too_long' },
    ],
    [
      { code: 'rate_limit_exceeded', message: 'Rate limit reached. Please try again in 1.5s.' },
      { code: 'upstream_rate_limited', retryAfterMs: 1500 },
    ],
    [
      { code: 'rate_limit_exceeded', message: 'try again in 20ms' },
      { code: 'upstream_rate_limited', retryAfterMs: 20 },
    ],
    [{ code: 'insufficient_quota', message: 'quota' }, { code: 'upstream_rate_limited' }],
    [{ code: 'server_is_overloaded', message: 'busy' }, { code: 'upstream_overloaded' }],
    [
      { code: 'invalid_image_format', message: 'bad image' },
      { code: 'upstream_rejected', status: 400 },
    ],
    [
      { code: 'server_error', message: 'oops' },
      { code: 'upstream_error', status: 502 },
    ],
    [{}, { code: 'upstream_error' }],
  ])('%j', (error, expected) => {
    const failed = sse('response.failed', { response: { id: 'r', status: 'failed', error } });
    const relay = protocol.openRelay(options);
    expect(relayed(relay, created + message + failed, 5)).toBe(created + message);
    expect(relay).toMatchObject({ phase: 'failed', fault: expected });
    const late = protocol.openRelay(options);
    expect(relayed(late, created + delta + sse('error', error), 5)).toBe(created + delta);
    expect(late).toMatchObject({ phase: 'failed', fault: expected });
  });
});

test('an alias is shown in place of the upstream name, texts stay as they are', () => {
  const text = sse('response.output_text.delta', { delta: '"model":"up-model"' });
  const relay = protocol.openRelay({ ...options, renameModel: { from: 'up-model', to: 'fast' } });
  const out = relayed(relay, created + text + completed, 1000);
  expect(out).toBe((created + text + completed).replaceAll('"model":"up-model"', '"model":"fast"'));
  expect(out).toContain(String.raw`\"model\":\"up-model\"`);
});

test('a dated version of the upstream name is renamed too', () => {
  const dated = sse('response.created', { response: { id: 'r', model: 'up-model-2026-01-01' } });
  const relay = protocol.openRelay({ ...options, renameModel: { from: 'up-model', to: 'fast' } });
  expect(relayed(relay, dated, 1000)).toBe(dated.replace('up-model-2026-01-01', 'fast'));
});
