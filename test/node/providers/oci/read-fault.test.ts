import { describe, expect, it } from 'vitest';
import { complaintOf, faultOf } from '../../../../node/providers/oci/read-fault.ts';

const read = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  faultOf(complaintOf(status, headers, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))));
const oracle = (code: string, message = 'x') => ({ code, message });
const backend = (error: unknown) => ({ code: '400', message: JSON.stringify({ error }) });

describe('an error answer of OCI', () => {
  it.each([
    [400, oracle('CannotParseRequest'), 'upstream_rejected', 'never', 'none'],
    [400, oracle('InvalidParameter'), 'upstream_rejected', 'never', 'none'],
    [400, oracle('MissingParameter'), 'upstream_rejected', 'never', 'none'],
    [400, oracle('LimitExceeded'), 'upstream_rate_limited', 'after', 'rest'],
    [400, oracle('QuotaExceeded'), 'upstream_rate_limited', 'after', 'rest'],
    [400, oracle('RelatedResourceNotAuthorizedOrNotFound'), 'upstream_unauthorised', 'other-account', 'breaker'],
    [400, { message: 'Please pass in correct format of request.' }, 'upstream_rejected', 'never', 'none'],
    [401, oracle('NotAuthenticated'), 'upstream_unauthorised', 'other-account', 'breaker'],
    [403, oracle('NotAuthorized'), 'upstream_unauthorised', 'other-account', 'breaker'],
    [403, oracle('NotAllowed'), 'upstream_unauthorised', 'other-account', 'breaker'],
    [403, oracle('SignUpRequired'), 'upstream_unauthorised', 'other-account', 'breaker'],
    [404, oracle('NotAuthorizedOrNotFound'), 'upstream_unauthorised', 'other-account', 'breaker'],
    [404, oracle('404', 'Entity with key xai.grok-2 not found'), 'upstream_model_not_found', 'other-account', 'none'],
    [404, 'no such page', 'upstream_error', 'other-account', 'breaker'],
    [409, oracle('IncorrectState'), 'upstream_overloaded', 'other-account', 'none'],
    [413, oracle('RequestEntityTooLarge'), 'upstream_rejected', 'never', 'none'],
    [429, oracle('TooManyRequests'), 'upstream_rate_limited', 'after', 'rest'],
    [500, oracle('InternalServerError'), 'upstream_error', 'other-account', 'breaker'],
    [502, '<html><body>Bad Gateway</body></html>', 'upstream_error', 'other-account', 'breaker'],
    [503, oracle('ServiceUnavailable'), 'upstream_overloaded', 'other-account', 'none'],
    [504, '', 'upstream_error', 'other-account', 'breaker'],
    [400, backend({ message: 'too many', code: 'context_length_exceeded' }), 'context_too_long', 'never', 'none'],
    [400, backend({ message: 'no', code: 'model_not_found' }), 'upstream_model_not_found', 'other-account', 'none'],
  ])('%i %j is %s', (status, body, code, retry, penalty) => {
    const fault = read(status, body);
    expect(fault).toMatchObject({ code, retry, penalty, upstreamStatus: status });
    expect(fault.message).not.toContain('<');
  });

  it('is read through JSON within its message, with the field', () => {
    const fault = read(400, backend({ message: 'Unsupported value for temperature', param: 'temperature' }));
    expect(fault).toMatchObject({ field: 'temperature', status: 400 });
    expect(fault.message).toBe('the upstream refused the request (400): Unsupported value for temperature');
  });

  it('is read through two levels of it', () => {
    const inner = JSON.stringify({ error: { message: JSON.stringify({ message: 'deep inside', code: 'x' }) } });
    expect(read(400, { code: '400', message: inner }).message).toContain(': deep inside');
  });

  it('is read in the form of xAI', () => {
    const message = JSON.stringify({
      code: 'Client specified an invalid argument',
      error: 'Invalid request content: no',
    });
    expect(read(400, { code: '400', message }).message).toContain(': Invalid request content: no');
  });

  it('takes a message that only begins like JSON for text', () => {
    expect(read(400, oracle('InvalidParameter', '{oops')).message).toContain(': {oops');
  });

  it('shows the request id, and no OCID', () => {
    const fault = read(400, oracle('InvalidParameter', 'compartment ocid1.compartment.oc1..aaaa is not yours'), {
      'opc-request-id': 'ABC/DEF/012',
    });
    expect(fault.message).toContain('[opc-request-id ABC/DEF/012]');
    expect(fault.message).not.toContain('ocid1.');
    expect(read(401, oracle('NotAuthenticated', 'Signature keyId="secret"')).message).not.toContain('secret');
    expect(read(401, '', { 'opc-request-id': 'a b\r\nx' }).message).not.toContain('opc-request-id');
  });

  it('names a time to rest where one is said, and one for limits that a person must raise', () => {
    expect(read(429, oracle('TooManyRequests'), { 'retry-after': '7' }).retryAfterMs).toBe(7000);
    expect(read(429, oracle('TooManyRequests')).retryAfterMs).toBeUndefined();
    expect(read(400, oracle('LimitExceeded')).retryAfterMs).toBe(600_000);
  });

  it('says whether the model alone is concerned', () => {
    expect(read(404, oracle('NotAuthorizedOrNotFound')).scope).toBe('model');
    expect(read(403, oracle('NotAuthorized')).scope).toBe('account');
    expect(read(404, oracle('404', 'Entity with key a not found')).scope).toBe('model');
  });
});
