import { describe, expect, it } from 'vitest';
import { Fault } from '../../../../kit/fault.ts';
import { anthropicDialect, anthropicProtocol } from '../../../../node/protocols/anthropic/index.ts';
import { protocolFaults } from '../../../../node/protocols/faults.ts';
import type { WireHeaders } from '../../../../node/wire/contract.ts';

function read(status: number, error: unknown, headers: WireHeaders = {}): Fault {
  const body = typeof error === 'string' ? error : JSON.stringify({ type: 'error', error });
  return anthropicDialect.readFault(status, headers, Buffer.from(body));
}

describe('readFault', () => {
  it.each<[number, unknown, WireHeaders, object]>([
    [
      401,
      { type: 'authentication_error', message: 'invalid x-api-key' },
      {},
      { code: 'upstream_unauthorised', status: 502, upstreamStatus: 401 },
    ],
    [403, { type: 'permission_error', message: 'x' }, {}, { code: 'upstream_unauthorised', status: 502 }],
    [402, { type: 'billing_error', message: 'x' }, {}, { code: 'upstream_unauthorised' }],
    [
      400,
      { type: 'invalid_request_error', message: 'Your credit balance is too low to access the Anthropic API.' },
      {},
      { code: 'upstream_unauthorised', retry: 'other-account' },
    ],
    [
      404,
      { type: 'not_found_error', message: 'model: x' },
      {},
      { code: 'upstream_model_not_found', scope: 'model', penalty: 'none' },
    ],
    [413, { type: 'request_too_large', message: 'x' }, {}, { code: 'upstream_rejected', status: 413, retry: 'never' }],
    [
      400,
      { type: 'invalid_request_error', message: 'messages.0: bad' },
      {},
      { code: 'upstream_rejected', status: 400, message: 'messages.0: bad', penalty: 'none' },
    ],
    [422, '{"detail":"bad"}', {}, { code: 'upstream_rejected', status: 400, message: 'bad' }],
    [
      400,
      { type: 'invalid_request_error', message: 'prompt is too long: 210000 tokens > 200000 maximum' },
      {},
      { code: 'context_too_long', status: 400, retry: 'never', penalty: 'none' },
    ],
    [
      400,
      { type: 'invalid_request_error', message: 'input length and `max_tokens` exceed context limit: 1 + 2 > 2' },
      {},
      { code: 'context_too_long' },
    ],
    [
      529,
      { type: 'overloaded_error', message: 'Overloaded' },
      {},
      { code: 'upstream_overloaded', scope: 'model', penalty: 'none', status: 503 },
    ],
    [503, '<html>busy</html>', { 'retry-after': '3' }, { code: 'upstream_overloaded', retryAfterMs: 3000 }],
    [
      429,
      { type: 'rate_limit_error', message: 'slow' },
      { 'retry-after': '2' },
      { code: 'upstream_rate_limited', retryAfterMs: 2000, scope: 'account', penalty: 'rest' },
    ],
    [
      429,
      { type: 'rate_limit_error', message: 'limit of 4 tokens per minute (model: claude-x)' },
      {},
      { code: 'upstream_rate_limited', retryAfterMs: undefined, scope: 'model' },
    ],
    [
      500,
      { type: 'api_error', message: 'Internal server error' },
      {},
      { code: 'upstream_error', status: 502, penalty: 'breaker' },
    ],
    [
      502,
      '<html><h1>Bad gateway</h1></html>',
      {},
      { code: 'upstream_error', message: 'the upstream failed (status 502)' },
    ],
    [504, '', {}, { code: 'upstream_error', status: 504 }],
    [408, '', {}, { code: 'upstream_error', retry: 'other-account' }],
  ])('reads %i %j', (status, error, headers, expected) => {
    expect(read(status, error, headers)).toMatchObject(expected);
  });

  it('never shows credentials', () => {
    const fault = read(400, { type: 'invalid_request_error', message: 'bad key sk-ant-api03-AAAABBBBCCCC' });
    expect(fault.message).toBe('bad key [redacted]');
  });
});

describe('encodeFault', () => {
  const encode = (fault: Fault) => {
    const { status, headers, body } = anthropicProtocol.encodeFault(fault, 'req_1');
    const pairs = Array.from({ length: headers.length / 2 }, (_, index) => headers.slice(2 * index, 2 * index + 2));
    return { status, headers: Object.fromEntries(pairs) as Record<string, string>, body: JSON.parse(body) as unknown };
  };

  it.each([
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [403, 'permission_error'],
    [404, 'not_found_error'],
    [409, 'invalid_request_error'],
    [413, 'request_too_large'],
    [429, 'rate_limit_error'],
    [500, 'api_error'],
    [502, 'api_error'],
    [503, 'overloaded_error'],
    [504, 'timeout_error'],
  ])('writes status %i as %s', (status, type) => {
    const answer = encode(protocolFaults.upstream_error('m', { status }));
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ type: 'error', error: { type, message: 'm' }, request_id: 'req_1' });
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers['x-should-retry']).toBe(status >= 500 ? 'false' : undefined);
  });

  it('says how long to wait, rounded up, and then lets the client try again', () => {
    const { headers } = encode(protocolFaults.upstream_overloaded('m', { retryAfterMs: 1200 }));
    expect(headers['retry-after']).toBe('2');
    expect(headers['x-should-retry']).toBeUndefined();
  });

  it('uses the phrase on which clients compact', () => {
    const { body } = encode(protocolFaults.context_too_long("This model's maximum context length is 8192 tokens"));
    expect(body).toMatchObject({
      error: {
        type: 'invalid_request_error',
        message: "prompt is too long: This model's maximum context length is 8192 tokens",
      },
    });
  });

  it('adds the detail that S0 clients read', () => {
    const fault = new Fault(
      'no_available_accounts',
      { source: 'node', retry: 'never', status: 503, summary: '' },
      'none',
    );
    expect(encode(fault).body).toMatchObject({
      type: 'error',
      error: { type: 'overloaded_error' },
      detail: 'No available accounts',
    });
  });
});
