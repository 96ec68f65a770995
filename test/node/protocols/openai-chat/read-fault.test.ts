import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFault } from '../../../../kit/fault.ts';
import { openaiChatDialect } from '../../../../node/protocols/openai-chat/index.ts';
import type { WireHeaders } from '../../../../node/wire/contract.ts';

function read(status: number, body: unknown, headers: WireHeaders = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return openaiChatDialect.readFault(status, headers, Buffer.from(text));
}

const quota = {
  message: 'You exceeded your current quota, please check your plan and billing details.',
  type: 'insufficient_quota',
  code: 'insufficient_quota',
};
const overflow =
  "This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens.";
const rate =
  'Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000. Please try again in 6m0s.';

describe('an error answer of an upstream', () => {
  it.each<[string, number, unknown, string]>([
    ['a used-up quota', 429, { error: quota }, 'upstream_rate_limited'],
    ['no balance (DeepSeek)', 402, { error: { message: 'Insufficient Balance' } }, 'upstream_rate_limited'],
    ['a rate limit', 429, { error: { message: rate, code: 'rate_limit_exceeded' } }, 'upstream_rate_limited'],
    ['a 429 without a body', 429, '', 'upstream_rate_limited'],
    [
      'a missing model',
      404,
      { error: { message: 'The model `x` does not exist', code: 'model_not_found' } },
      'upstream_model_not_found',
    ],
    [
      'a missing model (Ollama)',
      404,
      { error: 'model "x" not found, try pulling it first' },
      'upstream_model_not_found',
    ],
    ['a missing model (DeepSeek)', 400, { error: { message: 'Model Not Exist' } }, 'upstream_model_not_found'],
    ['a wrong path', 404, { detail: 'Not Found' }, 'upstream_error'],
    ['a wrong path in HTML', 404, '<html><h1>Not Found</h1></html>', 'upstream_error'],
    ['too long a prompt', 400, { error: { message: overflow, code: 'context_length_exceeded' } }, 'context_too_long'],
    [
      'too long a prompt (llama.cpp)',
      400,
      {
        error: {
          code: 400,
          message: 'the request exceeds the available context size',
          type: 'exceed_context_size_error',
        },
      },
      'context_too_long',
    ],
    ['too long a prompt in FastAPI', 400, { detail: overflow }, 'context_too_long'],
    [
      'a content filter (Azure)',
      400,
      { error: { code: 'content_filter', message: 'The response was filtered' } },
      'upstream_rejected',
    ],
    ['moderation (OpenRouter)', 403, { error: { code: 403, message: 'Your input was flagged' } }, 'upstream_rejected'],
    [
      'a bad key',
      401,
      { error: { message: 'Incorrect API key provided: sk-abc', code: 'invalid_api_key' } },
      'upstream_unauthorised',
    ],
    [
      'a bad key (Google)',
      400,
      [
        {
          error: { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' },
        },
      ],
      'upstream_unauthorised',
    ],
    ['a forbidden country', 403, { error: { code: 'unsupported_country_region_territory' } }, 'upstream_unauthorised'],
    ['overload by status', 529, '', 'upstream_overloaded'],
    [
      'overload by words',
      500,
      { error: { message: 'The server is overloaded or not ready yet' } },
      'upstream_overloaded',
    ],
    [
      'overload as a 429',
      429,
      { error: { type: 'engine_overloaded_error', message: 'The engine is currently overloaded' } },
      'upstream_overloaded',
    ],
    ['a 503', 503, '<html>', 'upstream_overloaded'],
    ['a failure', 500, { error: { message: 'The server had an error' } }, 'upstream_error'],
    ['a failure in plain text', 502, 'Bad Gateway', 'upstream_error'],
    [
      'a failed check (FastAPI)',
      422,
      { detail: [{ loc: ['body', 'messages'], msg: 'field required' }] },
      'upstream_rejected',
    ],
    ['a bad field', 400, { error: { message: 'Unknown parameter', param: 'foo' } }, 'upstream_rejected'],
    ['a large body', 413, '', 'upstream_rejected'],
  ])('that reports %s (%i) is classified', (_, status, body, code) => {
    const fault = read(status, body);
    expect(fault.code).toBe(code);
    expect(fault.upstreamStatus).toBe(status);
  });

  it('rests an account with a used-up quota for an hour, unless a time is given', () => {
    expect(read(429, { error: quota })).toMatchObject({ retryAfterMs: 3_600_000, penalty: 'rest', status: 429 });
    expect(read(429, { error: quota }, { 'retry-after': '7' }).retryAfterMs).toBe(7000);
  });

  it('reads waiting times from headers and from words', () => {
    const reset = { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1m30s' };
    expect(read(429, '', reset).retryAfterMs).toBe(90_000);
    expect(read(429, '', { 'retry-after': '3' }).retryAfterMs).toBe(3000);
    expect(read(429, { error: { message: rate } }).retryAfterMs).toBe(360_000);
    expect(read(429, '').retryAfterMs).toBeUndefined();
  });

  it('keeps penalties to the model where the upstream names one or lacks capacity', () => {
    expect(read(429, { error: { message: rate } }).scope).toBe('model');
    expect(read(429, { error: { message: 'Too many requests' } }).scope).toBe('account');
    expect(read(503, '')).toMatchObject({ scope: 'model', penalty: 'none', retry: 'other-account' });
  });

  it('never repeats the client’s own mistakes and keeps their message and field', () => {
    expect(read(400, { error: { message: 'Unknown parameter', param: 'foo' } })).toMatchObject({
      retry: 'never',
      penalty: 'none',
      status: 400,
      message: 'Unknown parameter',
      field: 'foo',
    });
    expect(read(422, { detail: [{ loc: ['body', 'n'], msg: 'bad' }] })).toMatchObject({
      status: 400,
      message: 'body.n: bad',
    });
    expect(read(413, '')).toMatchObject({ status: 413 });
  });

  it('shows neither HTML nor a credential', () => {
    expect(read(401, { error: { message: 'Incorrect API key provided: sk-abcdef123456' } }).message).not.toContain(
      'sk-',
    );
    expect(read(500, '<html><body>secret page</body></html>').message).not.toContain('secret');
    expect(read(500, { error: { message: 'key sk-abcdef1234567890 failed' } }).message).not.toContain('sk-abc');
  });

  it('is a Fault of this table whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
        const fault = read(status, body);
        expect(isFault(fault)).toBe(true);
        expect(fault.status).toBeGreaterThanOrEqual(400);
        expect(fault.status).not.toBe(401);
      }),
    );
  });
});
