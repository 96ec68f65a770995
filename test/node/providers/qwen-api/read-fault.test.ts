import { describe, expect, it } from 'vitest';
import { readQwenFault, untilMidnightInShanghai } from '../../../../node/providers/qwen-api/read-fault.ts';

const noon = Date.parse('2026-01-05T12:00:00+08:00');
const read = (status: number, code: string, message: string, headers = {}) => {
  const error = { code, message, param: null, type: 'invalid_request_error' };
  return readQwenFault(status, headers, Buffer.from(JSON.stringify({ error, request_id: 'r' })), noon);
};
const ended = 'invalid access token or token expired';

describe('an error of Qwen', () => {
  it.each([
    [401, 'invalid_api_key', ended],
    [403, 'invalid_api_key', ended],
    [400, 'invalid_api_key', ended],
  ])('refuses the credential: %i %s', (status, code, message) => {
    expect(read(status, code, message)).toEqual({ kind: 'credential_refused' });
  });

  it.each<[number, string, string, object]>([
    [429, 'insufficient_quota', 'Free allocated quota exceeded.', { code: 'upstream_rate_limited', retryAfterMs: 43_200_000 }],
    [403, 'insufficient_quota', 'no', { code: 'upstream_rate_limited', penalty: 'rest' }],
    [429, 'rate_limit_exceeded', 'slow', { code: 'upstream_rate_limited', penalty: 'rest' }],
    [400, 'invalid_parameter_error', 'bad request', { code: 'upstream_rejected', retry: 'never', penalty: 'none' }],
    [400, 'invalid_parameter_error', 'model `x` is not supported.', { penalty: 'none' }],
    [504, 'timeout', 'gateway timeout', { code: 'upstream_error' }],
    [500, 'internal_error', 'no', { code: 'upstream_error', retry: 'other-account' }],
    [500, '1302', 'busy', { code: 'upstream_overloaded', penalty: 'none' }],
    [400, '1305', 'busy', { code: 'upstream_overloaded', penalty: 'none' }],
  ])('%i %s "%s"', (status, code, message, expected) => {
    expect(read(status, code, message)).toMatchObject({ kind: 'fault', fault: expected });
  }); // prettier-ignore

  it('says when to come again outright, where it does', () => {
    const headers = { 'retry-after': '7' };
    expect(read(429, 'insufficient_quota', 'x', headers)).toMatchObject({ fault: { retryAfterMs: 7000 } });
    expect(read(429, 'rate_limit_exceeded', 'x', headers)).toMatchObject({ fault: { retryAfterMs: 7000 } });
  });

  it.each([
    ['2026-01-05T00:00:00+08:00', 86_400_000],
    ['2026-01-05T23:59:59.999+08:00', 1],
    ['2026-01-05T16:00:00Z', 86_400_000],
  ])('gives the day’s quota back at midnight in Shanghai: %s', (now, waitMs) => {
    expect(untilMidnightInShanghai(Date.parse(now))).toBe(waitMs);
  });
});
