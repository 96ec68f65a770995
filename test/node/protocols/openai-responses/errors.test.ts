import { expect, test } from 'vitest';
import { Fault, type FaultDetail } from '../../../../kit/fault.ts';
import type { JsonObject } from '../../../../kit/json.ts';
import { openaiResponsesProtocol as protocol } from '../../../../node/protocols/openai-responses/index.ts';

function answered(code: string, status: number, detail: FaultDetail = {}) {
  const fault = new Fault(code, { source: 'node', retry: 'never', status, summary: '' }, 'what happened', detail);
  const { body, ...rest } = protocol.encodeFault(fault, 'req1');
  return { ...rest, body: JSON.parse(body) as JsonObject };
}

test.each([
  [400, 'invalid_request_error', 'some_code'],
  [401, 'authentication_error', 'invalid_api_key'],
  [402, 'insufficient_quota', 'insufficient_quota'],
  [403, 'permission_error', 'some_code'],
  [404, 'invalid_request_error', 'model_not_found'],
  [413, 'invalid_request_error', 'some_code'],
  [429, 'rate_limit_error', 'rate_limit_exceeded'],
  [500, 'server_error', 'some_code'],
  [502, 'server_error', 'some_code'],
  [503, 'server_error', 'some_code'],
  [504, 'server_error', 'some_code'],
])('%i is a %s', (status, type, code) => {
  const { body, ...answer } = answered('some_code', status, { field: 'input[0]' });
  expect(answer.status).toBe(status);
  expect(body).toEqual({ error: { message: 'what happened', type, param: 'input[0]', code } });
});

test('no available accounts has a detail beside the shape and keeps SDKs from repeating', () => {
  const { headers, body } = answered('no_available_accounts', 503);
  expect(body).toMatchObject({
    detail: 'No available accounts',
    error: { code: 'no_available_accounts', param: null },
  });
  expect(headers).toEqual(['content-type', 'application/json', 'x-should-retry', 'false']);
});

test('a waiting time is told in whole seconds, rounded up', () => {
  expect(answered('upstream_rate_limited', 429, { retryAfterMs: 1001 }).headers.slice(2)).toEqual(['retry-after', '2']);
  expect(answered('x', 503, { retryAfterMs: 60_000 }).headers.slice(2)).toEqual(['retry-after', '60']);
  expect(answered('upstream_rate_limited', 429).headers.slice(2)).toEqual(['retry-after', '1']);
});

test('a longer wait than the SDKs wait keeps them from repeating at once', () => {
  expect(answered('x', 429, { retryAfterMs: 60_001 }).headers.slice(2)).toEqual([
    'retry-after',
    '61',
    'x-should-retry',
    'false',
  ]);
});

test('overflow and overload have the codes that Codex acts on', () => {
  expect(answered('context_too_long', 400).body).toMatchObject({ error: { code: 'context_length_exceeded' } });
  expect(answered('upstream_overloaded', 503).body).toMatchObject({ error: { code: 'server_is_overloaded' } });
});

test('the stream error without an encoder has both events', () => {
  const fault = new Fault(
    'context_too_long',
    { source: 'client', retry: 'never', status: 400, summary: '' },
    'too long',
  );
  const text = protocol.encodeStreamFault(fault, 'req1', 'sse');
  const data = [...text.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1]!) as JsonObject);
  expect(data).toMatchObject([
    { type: 'error', code: 'context_length_exceeded', sequence_number: 0 },
    { type: 'response.failed', response: { status: 'failed', error: { code: 'context_length_exceeded' } } },
  ]);
});
