import { expect, test } from 'vitest';
import { Fault, type FaultDetail } from '../../../../kit/fault.ts';
import type { JsonObject } from '../../../../kit/json.ts';
import { geminiProtocol as protocol } from '../../../../node/protocols/gemini/index.ts';

function answered(code: string, status: number, detail: FaultDetail = {}) {
  const fault = new Fault(code, { source: 'node', retry: 'never', status, summary: '' }, 'what happened', detail);
  const { body, ...rest } = protocol.encodeFault(fault, 'req1');
  return { ...rest, body: JSON.parse(body) as JsonObject };
}

test.each([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [402, 'RESOURCE_EXHAUSTED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [413, 'INVALID_ARGUMENT'],
  [429, 'RESOURCE_EXHAUSTED'],
  [500, 'INTERNAL'],
  [502, 'INTERNAL'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
])('%i is %s', (status, name) => {
  const answer = answered('some_code', status);
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual({ error: { code: status, message: 'what happened', status: name } });
});

test('a waiting time is told in the header and as RetryInfo', () => {
  const { headers, body } = answered('upstream_rate_limited', 429, { retryAfterMs: 11_001 });
  expect(headers.slice(2)).toEqual(['retry-after', '12']);
  expect(body).toMatchObject({
    error: { details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '12s' }] },
  });
});

test('the field at fault is a field violation', () => {
  expect(answered('invalid_request', 400, { field: 'contents[0]' }).body).toMatchObject({
    error: {
      details: [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field: 'contents[0]' }] }],
    },
  });
});

test('no available accounts has a detail beside the shape', () => {
  const { headers, body } = answered('no_available_accounts', 503);
  expect(body).toMatchObject({ detail: 'No available accounts', error: { status: 'UNAVAILABLE' } });
  expect(headers.slice(2)).toEqual(['x-should-retry', 'false']);
});
