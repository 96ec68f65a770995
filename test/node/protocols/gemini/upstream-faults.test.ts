import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../../kit/json.ts';
import { faultOfError, readFault } from '../../../../node/protocols/gemini/read-fault.ts';

const info = (reason: string, metadata: JsonObject = {}): Json => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason,
  domain: 'cloudcode-pa.googleapis.com',
  metadata,
});
const retry = (retryDelay: string): Json => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });
const quota = (quotaId: string): Json => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ subject: 'x', quotaId }],
});
const help = (url: string): Json => ({
  '@type': 'type.googleapis.com/google.rpc.Help',
  links: [{ description: 'Verify', url }],
});
const error = (code: number, status: string, message: string, details: Json[] = []): JsonObject => ({
  error: { code, status, message, details },
});
const read = (body: Json, status: number, headers = {}) =>
  readFault(status, headers, Buffer.from(JSON.stringify(body)));

const hour = 3_600_000;
const limited = { code: 'upstream_rate_limited', retry: 'after', penalty: 'rest', scope: 'model' };
const overloaded = { code: 'upstream_overloaded', penalty: 'none' };
const failed = { code: 'upstream_error', retry: 'other-account' };
const credential = { code: 'upstream_unauthorised', penalty: 'breaker', scope: 'account' };
const rejected = { code: 'upstream_rejected', retry: 'never', penalty: 'none', status: 400 };

describe('an error of Google', () => {
  it.each<[string, number, JsonObject, object]>([
    ['a limit with its delay', 429, error(429, 'RESOURCE_EXHAUSTED', 'slow', [info('RATE_LIMIT_EXCEEDED'), retry('0.539s')]), { ...limited, retryAfterMs: 539 }],
    ['a limit of an overloaded service', 503, error(503, 'UNAVAILABLE', 'slow', [info('RATE_LIMIT_EXCEEDED'), retry('2s')]), { ...limited, retryAfterMs: 2000 }],
    ['a limit under 499', 499, error(499, 'CANCELLED', 'slow', [info('RATE_LIMIT_EXCEEDED'), retry('2s')]), { ...limited, retryAfterMs: 2000 }],
    ['a limit without a delay', 429, error(429, 'RESOURCE_EXHAUSTED', 'slow', [info('RATE_LIMIT_EXCEEDED')]), { ...limited, retryAfterMs: 60_000 }],
    ['no details, words of the end', 429, error(429, 'RESOURCE_EXHAUSTED', 'You have exhausted your capacity on this model.'), { ...limited, retryAfterMs: hour }],
    ['no details, capacity exceeded', 503, error(503, 'UNAVAILABLE', 'Capacity exceeded for it'), limited],
    ['no details at all', 429, error(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'), { ...limited, retryAfterMs: 60_000 }],
    ['the quota of the day', 429, error(429, 'RESOURCE_EXHAUSTED', 'used up', [info('QUOTA_EXHAUSTED', { quotaResetDelay: '135h9m46s' })]), { ...limited, retryAfterMs: 135 * hour + 586_000 }],
    ['a violation a day', 429, error(429, 'RESOURCE_EXHAUSTED', 'used up', [quota('GenerateRequestsPerDayPerProjectPerModel')]), { ...limited, retryAfterMs: hour }],
    ['limit zero', 429, error(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded for metric x, limit: 0'), { ...limited, retryAfterMs: hour }],
    ['a violation a minute', 429, error(429, 'RESOURCE_EXHAUSTED', 'used up', [quota('RequestsPerMinute')]), { ...limited, retryAfterMs: 60_000 }],
    ['no credits', 429, error(429, 'RESOURCE_EXHAUSTED', 'no', [info('INSUFFICIENT_G1_CREDITS_BALANCE')]), { ...limited, retryAfterMs: hour }],
    ['no capacity, 429', 429, error(429, 'RESOURCE_EXHAUSTED', 'No capacity', [info('MODEL_CAPACITY_EXHAUSTED')]), { ...overloaded, scope: 'model' }],
    ['no capacity, 503', 503, error(503, 'UNAVAILABLE', 'No capacity', [info('MODEL_CAPACITY_EXCEEDED')]), { ...overloaded, scope: 'model' }],
    ['a refused token', 401, error(401, 'UNAUTHENTICATED', 'no'), credential],
    ['a validation', 403, error(403, 'PERMISSION_DENIED', 'Verify your account', [info('VALIDATION_REQUIRED'), help('https://accounts.google.com/verify')]), { code: 'upstream_action_required', penalty: 'disable', message: 'Verify your account; open https://accounts.google.com/verify' }],
    ['a foreign project', 403, error(403, 'PERMISSION_DENIED', 'no'), credential],
    ['an API that is off', 403, error(403, 'PERMISSION_DENIED', 'no', [info('SERVICE_DISABLED')]), credential],
    ['a bad key, which Google calls a bad request', 400, error(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [info('API_KEY_INVALID')]), credential],
    ['an unknown model', 404, error(404, 'NOT_FOUND', 'no'), { code: 'upstream_model_not_found', scope: 'model', penalty: 'none' }],
    ['a bad request', 400, error(400, 'INVALID_ARGUMENT', 'no'), rejected],
    ['a precondition', 400, error(400, 'FAILED_PRECONDITION', 'no'), rejected],
    ['a long prompt', 400, error(400, 'INVALID_ARGUMENT', 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'), { code: 'context_too_long' }],
    ['499', 499, error(499, 'CANCELLED', 'no'), failed],
    ['500', 500, error(500, 'INTERNAL', 'no'), failed],
    ['502 of a gateway', 502, {}, failed],
    ['503', 503, error(503, 'UNAVAILABLE', 'no'), overloaded],
    ['504', 504, error(504, 'DEADLINE_EXCEEDED', 'no'), { ...failed, status: 504 }],
  ])('is read: %s', (_, status, body, expected) => {
    for (const form of [body, [body]]) expect(read(form, status)).toMatchObject({ upstreamStatus: status, ...expected });
    if (body['error'] !== undefined) expect(faultOfError(body)).toMatchObject(expected);
  }); // prettier-ignore

  it('says its delay in one of four places, in this order', () => {
    const words = 'Your quota will reset after 1h2m3s.';
    const details = [info('RATE_LIMIT_EXCEEDED', { quotaResetDelay: '373.8ms' }), retry('7.5s')];
    const at = (message: string, list: Json[], headers = {}) =>
      read(error(429, 'RESOURCE_EXHAUSTED', message, list), 429, headers).retryAfterMs;
    expect(at(words, details, { 'retry-after': '9' })).toBe(7500);
    expect(at(words, details.slice(0, 1), { 'retry-after': '9' })).toBe(374);
    expect(at(words, [], { 'retry-after': '9' })).toBe(3_723_000);
    expect(at('Please retry in 12.5s.', [])).toBe(12_500);
    expect(at('slow', [], { 'retry-after': '9' })).toBe(9000);
  });

  it.each(['', '<html>', 'null', '[]', '[null]', '{"error":null}', '{"error":{"details":[1,null,{}]}}'])(
    'is none in %j, and still a fault',
    (body) => {
      expect(readFault(500, {}, Buffer.from(body)).code).toBe('upstream_error');
    },
  );
});
