import { describe, expect, it } from 'vitest';
import { readRetryAfterMs } from '../../../node/protocols/retry-after.ts';
import type { WireHeaders } from '../../../node/wire/contract.ts';

const date = 'Fri, 20 Nov 2026 10:00:00 GMT';
const unix = Date.parse(date) / 1000;

describe('readRetryAfterMs', () => {
  it.each<[string, WireHeaders, number | undefined]>([
    ['seconds', { 'retry-after': '2' }, 2000],
    ['fractional seconds', { 'retry-after': '0.25' }, 250],
    ['an HTTP date, measured by the upstream clock', { 'retry-after': 'Fri, 20 Nov 2026 10:01:00 GMT' }, 60_000],
    ['a date in the past', { 'retry-after': 'Fri, 20 Nov 2026 09:00:00 GMT' }, 0],
    ['milliseconds before seconds', { 'retry-after-ms': '1500', 'retry-after': '9' }, 1500],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
    ['a negative number', { 'retry-after': '-1' }, undefined],
    ['nothing', {}, undefined],
    [
      'the reset of exhausted limits only',
      {
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': '2026-11-20T10:00:30Z',
        'anthropic-ratelimit-tokens-remaining': '5',
        'anthropic-ratelimit-tokens-reset': '2026-11-20T11:00:30Z',
      },
      30_000,
    ],
    [
      'the longest of several exhausted limits',
      {
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '20ms',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '6m0s',
      },
      360_000,
    ],
    [
      'a rejected unified limit',
      { 'anthropic-ratelimit-unified-status': 'rejected', 'anthropic-ratelimit-unified-reset': `${unix + 90}` },
      90_000,
    ],
    [
      'not an allowed one',
      { 'anthropic-ratelimit-unified-status': 'allowed', 'anthropic-ratelimit-unified-reset': `${unix + 90}` },
      undefined,
    ],
    [
      'a bare reset in Unix milliseconds',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${(unix + 5) * 1000}` },
      5000,
    ],
    [
      'Retry-After before resets',
      { 'retry-after': '1', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' },
      1000,
    ],
  ])('reads %s', (_, headers, expected) => {
    expect(readRetryAfterMs({ date, ...headers })).toBe(expected);
  });
});
