import { expect, test } from 'vitest';
import { clientProtocols } from '../../../node/protocols/registry.ts';
import { durationMs } from '../../../node/protocols/retry-after.ts';
import type { ProtocolId, RateReading } from '../../../node/protocols/contract.ts';

const nowMs = Date.UTC(2026, 10, 21, 22, 30, 0, 250);

function headersOf(protocol: ProtocolId, requests?: RateReading, tokens?: RateReading) {
  const flat: string[] = [];
  clientProtocols[protocol].limitHeaders({ requests, tokens }, nowMs, flat);
  return Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]]));
}

const reading = (resetMs: number) => ({ limit: 60, remaining: 12.7, resetMs });

test.each(['openai-chat', 'openai-responses', 'gemini', 'anthropic'] as const)(
  '%s: what is left, in OpenAI’s form',
  (id) => {
    expect(headersOf(id, reading(1000), { limit: 90, remaining: -1, resetMs: 0 })).toMatchObject({
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '12',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-limit-tokens': '90',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '0ms',
    });
    expect(headersOf(id)).toEqual({});
  },
);

test('Anthropic’s clients get its own beside them, with the moment of the reset', () => {
  const own = Object.entries(headersOf('anthropic', reading(10_000), reading(60_000)));
  expect(Object.fromEntries(own.filter(([name]) => name?.startsWith('anthropic-')))).toEqual({
    'anthropic-ratelimit-requests-limit': '60',
    'anthropic-ratelimit-requests-remaining': '12',
    'anthropic-ratelimit-requests-reset': '2026-11-21T22:30:11Z',
    'anthropic-ratelimit-tokens-limit': '60',
    'anthropic-ratelimit-tokens-remaining': '12',
    'anthropic-ratelimit-tokens-reset': '2026-11-21T22:31:01Z',
  });
});

test.each([
  [0, '0ms'],
  [19.2, '20ms'],
  [999, '999ms'],
  [1000, '1s'],
  [1001, '2s'],
  [59_500, '1m0s'],
  [360_000, '6m0s'],
  [3_661_000, '1h1m1s'],
  [86_400_000, '24h0m0s'],
])('%d ms until the reset is %s, never less than the wait', (resetMs, shown) => {
  expect(headersOf('openai-chat', reading(resetMs))['x-ratelimit-reset-requests']).toBe(shown);
  expect(durationMs(shown)).toBeGreaterThanOrEqual(resetMs);
});
