import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../../kit/fault.ts';
import type { JsonObject } from '../../../../kit/json.ts';
import type { RelayOptions } from '../../../../node/protocols/contract.ts';
import { geminiProtocol as protocol } from '../../../../node/protocols/gemini/index.ts';
import { eventLists } from '../event-lists.ts';
import { relayed } from '../relayed.ts';

const options: RelayOptions = { hideUsage: false, eventSizeBytesMax: 1 << 20 };
const context = { model: 'up-model', requestId: 'r', framing: 'sse', includeUsage: false, nowMs: 0 } as const;

const data = (value: unknown) => `data: ${JSON.stringify(value)}\r\n\r\n`;
const opening = data({ usageMetadata: { promptTokenCount: 5 }, modelVersion: 'up-model' });
const text = data({
  candidates: [{ content: { parts: [{ text: '"finishReason" "error"' }] } }],
  modelVersion: 'up-model',
});
const last = data({
  candidates: [{ content: { parts: [] }, finishReason: 'STOP' }],
  usageMetadata: { promptTokenCount: 9, cachedContentTokenCount: 4, candidatesTokenCount: 2, thoughtsTokenCount: 3 },
});

test('a whole stream goes through byte by byte unchanged', () => {
  fc.assert(
    fc.property(eventLists, fc.integer({ min: 1, max: 200 }), (list, size) => {
      const encoder = protocol.openEncoder(context);
      const text = list.map((event) => encoder.push(event)).join('') + encoder.end();
      const relay = protocol.openRelay(options);
      expect(relayed(relay, text, size)).toBe(text);
      expect(relay.phase).toBe('finished');
      expect(relay.usage).toEqual({ inputTotal: 100, cacheRead: 80, outputTotal: 50, reasoning: 20 });
    }),
  );
});

test('content begins with the first part; the end after a finish reason finishes', () => {
  const relay = protocol.openRelay(options);
  relay.push(Buffer.from(opening));
  expect(relay.phase).toBe('opening');
  relay.push(Buffer.from(text));
  expect(relay.phase).toBe('content');
  relay.push(Buffer.from(last));
  expect(relay.phase).toBe('content');
  relay.end();
  expect(relay.phase).toBe('finished');
  expect(relay.usage).toEqual({ inputTotal: 9, cacheRead: 4, outputTotal: 5, reasoning: 3 });
});

test('a stream without a finish reason is not finished', () => {
  const relay = protocol.openRelay(options);
  expect(relayed(relay, opening + text + last.slice(0, -20), 11)).toBe(opening + text);
  expect(relay.phase).toBe('content');
});

test('chunks after a finish reason still go through (some models repeat it)', () => {
  const relay = protocol.openRelay(options);
  expect(relayed(relay, text + last + text + last, 13)).toBe(text + last + text + last);
  expect(relay.phase).toBe('finished');
});

test('a blocked prompt is an answer', () => {
  const relay = protocol.openRelay(options);
  const blocked = data({ promptFeedback: { blockReason: 'SAFETY' } });
  expect(relayed(relay, blocked, 5)).toBe(blocked);
  expect(relay.phase).toBe('finished');
});

describe('error chunks become faults and are not handed on', () => {
  const retryInfo = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '0.539s' };

  test.each<[JsonObject, Partial<Fault>]>([
    [
      { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'quota', details: [retryInfo] },
      { code: 'upstream_rate_limited', retryAfterMs: 539 },
    ],
    [{ code: 503, status: 'UNAVAILABLE', message: 'overloaded' }, { code: 'upstream_overloaded' }],
    [
      { code: 400, status: 'INVALID_ARGUMENT', message: 'bad' },
      { code: 'upstream_rejected', status: 400 },
    ],
    [
      { code: 400, message: 'The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).' },
      { code: 'context_too_long' },
    ],
    [
      { code: 403, status: 'PERMISSION_DENIED', message: 'key AIzaSyA1234567890123' },
      { code: 'upstream_unauthorised', status: 502 },
    ],
    [{ code: 500, message: 'x' }, { code: 'upstream_error' }],
  ])('%j', (error, expected) => {
    for (const body of [{ error }, [{ error }]]) {
      const relay = protocol.openRelay(options);
      expect(relayed(relay, opening + text + data(body), 9)).toBe(opening + text);
      expect(relay).toMatchObject({ phase: 'failed', fault: expected });
      expect(relay.fault!.message).not.toContain('AIza');
    }
  });
});

test('an alias is shown in every chunk in place of the upstream name', () => {
  const relay = protocol.openRelay({ ...options, renameModel: { from: 'up-model', to: 'fast' } });
  expect(relayed(relay, opening + text + last, 1000)).toBe((opening + text + last).replaceAll('"up-model"', '"fast"'));
});
