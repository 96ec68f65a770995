import { describe, expect, it } from 'vitest';
import { Fault, type FaultDetail, type FaultSpec } from '../../../../kit/fault.ts';
import type { JsonObject } from '../../../../kit/json.ts';
import { protocolFaults } from '../../../../node/protocols/faults.ts';
import { openaiChatProtocol } from '../../../../node/protocols/openai-chat/index.ts';

function fault(code: string, status: number, detail: FaultDetail = {}): Fault {
  const spec: FaultSpec = { source: 'node', retry: 'never', status, summary: '' };
  return new Fault(code, spec, 'what happened', detail);
}

function encode(fault: Fault) {
  const answer = openaiChatProtocol.encodeFault(fault, 'r1');
  const pairs: Record<string, string> = {};
  for (let at = 0; at < answer.headers.length; at += 2) pairs[answer.headers[at] ?? ''] = answer.headers[at + 1] ?? '';
  return { status: answer.status, headers: pairs, body: JSON.parse(answer.body) as JsonObject };
}

describe('an error answer', () => {
  it.each([
    [400, 'invalid_request', 'invalid_request_error', 'invalid_request'],
    [400, 'context_too_long', 'invalid_request_error', 'context_length_exceeded'],
    [401, 'bad_key', 'authentication_error', 'invalid_api_key'],
    [402, 'budget', 'insufficient_quota', 'insufficient_quota'],
    [403, 'forbidden', 'permission_error', 'forbidden'],
    [404, 'unknown_model', 'invalid_request_error', 'model_not_found'],
    [413, 'too_large', 'invalid_request_error', 'too_large'],
    [429, 'resting', 'rate_limit_error', 'rate_limit_exceeded'],
    [502, 'upstream_error', 'server_error', 'upstream_error'],
    [503, 'no_available_accounts', 'server_error', 'no_available_accounts'],
    [504, 'timeout', 'server_error', 'timeout'],
  ])('of status %i for %s has type %s and code %s', (status, code, type, shown) => {
    const encoded = encode(fault(code, status));
    expect(encoded.status).toBe(status);
    expect(encoded.headers['content-type']).toBe('application/json');
    expect(encoded.body['error']).toEqual({ message: 'what happened', type, param: null, code: shown });
  });

  it('names the field', () => {
    const { body } = encode(protocolFaults.unsupported_field('n: no', { field: 'n' }));
    expect(body['error']).toMatchObject({ param: 'n', code: 'unsupported_parameter' });
  });

  it('says "No available accounts" beside the shape, for that code alone', () => {
    expect(encode(fault('no_available_accounts', 503)).body['detail']).toBe('No available accounts');
    expect(encode(fault('upstream_error', 502)).body).not.toHaveProperty('detail');
  });

  it('tells SDKs when to repeat, or not to', () => {
    expect(encode(fault('resting', 429, { retryAfterMs: 1200 })).headers).toMatchObject({ 'retry-after': '2' });
    expect(encode(fault('upstream_error', 502)).headers).toMatchObject({ 'x-should-retry': 'false' });
    expect(encode(fault('busy', 503, { retryAfterMs: 5000 })).headers).not.toHaveProperty('x-should-retry');
    expect(encode(fault('invalid_request', 400)).headers).toEqual({ 'content-type': 'application/json' });
  });

  it('inside a stream is one event with the same object', () => {
    const text = openaiChatProtocol.encodeStreamFault(fault('upstream_truncated', 502), 'r1', 'sse');
    expect(text).toBe(
      'data: {"error":{"message":"what happened","type":"server_error","param":null,"code":"upstream_truncated"}}\n\n',
    );
  });
});
