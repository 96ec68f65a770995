import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { protocolFaults } from '../../../../node/protocols/faults.ts';
import { classify } from '../../../../node/protocols/codewhisperer/classify.ts';
import { complaintOf, readFault } from '../../../../node/protocols/codewhisperer/read-fault.ts';
import { nowMs } from './frames.ts';

const day = 86_400_000;
const untilDecemberMs = Date.UTC(2026, 11, 1) - nowMs;
const untilMidnightMs = day / 2;

interface Row {
  status: number;
  exception?: string;
  reason?: string;
  message?: string;
  fault: object;
}

const rejected = { code: 'upstream_rejected', source: 'client', status: 400, retry: 'never', penalty: 'none' };
const tooLong = { code: 'context_too_long', status: 400, retry: 'never', penalty: 'none' };
const refused = { code: 'upstream_token_refused', retry: 'other-account', penalty: 'none' };
const suspended = { code: 'upstream_account_suspended', retry: 'other-account', penalty: 'disable' };
const notEntitled = { code: 'upstream_not_entitled', retry: 'other-account', penalty: 'disable' };
const unauthorised = { code: 'upstream_unauthorised', retry: 'other-account', penalty: 'breaker' };
const noModel = {
  code: 'upstream_model_not_found',
  retry: 'other-account',
  penalty: 'none',
  scope: 'model',
  status: 404,
};
const limited = { code: 'upstream_rate_limited', retry: 'after', penalty: 'rest', scope: 'account', status: 429 };
const monthly = { ...limited, retryAfterMs: untilDecemberMs };
const daily = { ...limited, retryAfterMs: untilMidnightMs };
const overloaded = {
  code: 'upstream_overloaded',
  retry: 'other-account',
  penalty: 'none',
  scope: 'model',
  status: 503,
};
const failed = { code: 'upstream_error', retry: 'other-account', penalty: 'breaker', status: 502 };

const validation = 'ValidationException';
const throttling = 'ThrottlingException';
const denied = 'AccessDeniedException';
const quota = 'ServiceQuotaExceededException';

const rows: Row[] = [
  {
    status: 400,
    exception: validation,
    reason: 'CONTENT_LENGTH_EXCEEDS_THRESHOLD',
    message: 'Input is too long.',
    fault: tooLong,
  },
  { status: 400, exception: validation, reason: 'CONTENT_LENGTH_EXCEEDS_THRESHOLD', fault: tooLong },
  { status: 400, message: 'Input is too long.', fault: tooLong },
  { status: 400, exception: 'ContentLengthExceededException', fault: tooLong },
  { status: 400, exception: validation, message: 'Improperly formed request.', fault: rejected },
  {
    status: 400,
    exception: validation,
    reason: 'INVALID_MODEL_ID',
    message: 'Invalid model. Please select a different model to continue.',
    fault: noModel,
  },
  { status: 400, reason: 'INVALID_MODEL_ID', fault: noModel },
  { status: 400, exception: validation, reason: 'INVALID_CONVERSATION_ID', message: 'x', fault: rejected },
  { status: 400, exception: validation, reason: 'INVALID_KMS_GRANT', message: 'x', fault: rejected },
  { status: 400, reason: 'REQUEST_BODY_INVALID', message: 'Request body is invalid.', fault: rejected },
  { status: 400, reason: 'TOOL_USE_RESULT_MISMATCH', message: 'x', fault: rejected },
  {
    status: 400,
    reason: 'REQUEST_BODY_INVALID',
    message: 'Invalid tool use format.',
    fault: { ...rejected, retry: 'other-account' },
  },
  { status: 400, message: 'The provided credential is invalid.', fault: unauthorised },
  { status: 400, message: 'profileArn is required for this request.', fault: unauthorised },
  {
    status: 400,
    exception: throttling,
    reason: 'MONTHLY_REQUEST_COUNT',
    message: 'Maximum Request reached for this month.',
    fault: monthly,
  },
  { status: 429, exception: throttling, reason: 'MONTHLY_REQUEST_COUNT', fault: monthly },
  { status: 400, exception: throttling, message: 'Maximum Request reached for this month.', fault: monthly },
  { status: 400, exception: throttling, reason: 'DAILY_REQUEST_COUNT', fault: daily },
  { status: 429, exception: throttling, reason: 'DAILY_REQUEST_COUNT', fault: daily },
  {
    status: 402,
    exception: quota,
    reason: 'MONTHLY_REQUEST_COUNT',
    message: 'You have reached the limit.',
    fault: monthly,
  },
  { status: 402, exception: quota, reason: 'OVERAGE_REQUEST_LIMIT_EXCEEDED', fault: monthly },
  { status: 402, exception: quota, reason: 'CONVERSATION_LIMIT_EXCEEDED', fault: monthly },
  { status: 402, message: 'You have reached the limit.', fault: monthly },
  { status: 402, reason: 'DAILY_REQUEST_COUNT', fault: daily },
  { status: 401, fault: refused },
  { status: 401, message: 'The bearer token included in the request is invalid.', fault: refused },
  { status: 403, exception: denied, message: 'The bearer token included in the request is invalid.', fault: refused },
  { status: 403, exception: 'ExpiredTokenException', message: 'x', fault: refused },
  { status: 403, message: 'The bearer token included in the request is expired', fault: refused },
  {
    status: 403,
    exception: denied,
    reason: 'TEMPORARILY_SUSPENDED',
    message: 'Your User ID (d-1.2) temporarily is suspended.',
    fault: suspended,
  },
  {
    status: 403,
    message: 'Your User ID (d-1.2) temporarily is suspended. We detected unusual activity.',
    fault: suspended,
  },
  {
    status: 403,
    exception: denied,
    reason: 'FEATURE_NOT_SUPPORTED',
    message: 'Subscribe to Kiro to go on.',
    fault: notEntitled,
  },
  { status: 403, message: 'Feature is not supported', fault: notEntitled },
  { status: 403, message: 'Your subscription does not support this application', fault: notEntitled },
  { status: 403, exception: denied, reason: 'UNAUTHORIZED_CUSTOMIZATION_RESOURCE_ACCESS', fault: unauthorised },
  { status: 403, exception: denied, reason: 'UNAUTHORIZED_WORKSPACE_CONTEXT_FEATURE_ACCESS', fault: unauthorised },
  { status: 403, exception: denied, message: 'User is not authorized to make this call.', fault: unauthorised },
  { status: 403, fault: unauthorised },
  { status: 404, message: 'no', fault: failed },
  { status: 404, exception: 'UnknownOperationException', fault: failed },
  { status: 408, fault: { ...failed, status: 504 } },
  { status: 409, exception: 'ConflictException', fault: { ...failed, penalty: 'none' } },
  { status: 413, fault: { ...rejected, status: 413 } },
  { status: 422, message: 'x', fault: rejected },
  {
    status: 429,
    exception: throttling,
    reason: 'INSUFFICIENT_MODEL_CAPACITY',
    message: 'Too many requests, please wait before trying again.',
    fault: overloaded,
  },
  { status: 429, exception: throttling, message: 'Too many requests', fault: { ...limited, retryAfterMs: undefined } },
  { status: 400, exception: throttling, message: 'Rate exceeded', fault: { ...limited, retryAfterMs: undefined } },
  { status: 429, fault: { ...limited, retryAfterMs: undefined } },
  { status: 429, message: 'We are experiencing high traffic, please try again shortly.', fault: overloaded },
  { status: 500, exception: 'InternalServerException', reason: 'MODEL_TEMPORARILY_UNAVAILABLE', fault: overloaded },
  {
    status: 500,
    message: 'Encountered unexpectedly high load when processing the request, please try again.',
    fault: overloaded,
  },
  { status: 500, exception: 'ServiceUnavailableException', fault: overloaded },
  { status: 503, exception: 'ServiceUnavailableException', fault: overloaded },
  { status: 503, fault: overloaded },
  { status: 500, exception: 'InternalServerException', message: 'x', fault: failed },
  { status: 502, fault: failed },
  { status: 504, fault: { ...failed, status: 504 } },
];

const named = rows.map((row): [string, Row] => [
  `${row.status} ${row.exception ?? ''} ${row.reason ?? ''} ${row.message ?? ''}`,
  row,
]);

describe('an error answer', () => {
  it.each(named)('%s, in the form of REST', (_, { status, exception, reason, message, fault }) => {
    const headers =
      exception === undefined ? {} : { 'x-amzn-errortype': `${exception}:http://internal.amazon.com/coral/x/` };
    const body = Buffer.from(JSON.stringify({ message, reason: reason ?? null }));
    expect(readFault(status, headers, body, { nowMs })).toMatchObject({ ...fault, upstreamStatus: status });
  });

  it.each(named)('%s, in the form of JSON 1.0', (_, { status, exception, reason, message, fault }) => {
    const type = exception === undefined ? undefined : `com.amazon.aws.codewhisperer#${exception}`;
    const body = Buffer.from(JSON.stringify({ __type: type, Message: message, reason }));
    expect(readFault(status, {}, body, { nowMs })).toMatchObject({ ...fault, upstreamStatus: status });
  });

  it('names its exception in the header before the code, and in the code before the type', () => {
    const body = Buffer.from('{"code":"aws#B:x","__type":"ns#C"}');
    const codeIn = (headers: Record<string, string>, text: Buffer) => classify(418, headers, text).code;
    expect(codeIn({ 'x-amzn-errortype': 'A:http://x/' }, body)).toBe('A');
    expect(codeIn({}, body)).toBe('B');
    expect(codeIn({}, Buffer.from('{"code":"","__type":"ns#C"}'))).toBe('C');
    expect(codeIn({}, Buffer.from('no JSON'))).toBeUndefined();
  });

  it('rests until the reset that the account knows of, when it is still to come', () => {
    const body = Buffer.from('{"reason":"MONTHLY_REQUEST_COUNT"}');
    const waitMs = (quotaResetAtMs: number) => readFault(402, {}, body, { nowMs, quotaResetAtMs }).retryAfterMs;
    expect(waitMs(nowMs + 3 * day)).toBe(3 * day);
    expect(waitMs(nowMs - 1)).toBe(untilDecemberMs);
    const december = { nowMs: Date.UTC(2026, 11, 31, 23) };
    expect(readFault(402, {}, body, december).retryAfterMs).toBe(3_600_000);
  });

  it('says when to come back, where it has a retry-after', () => {
    expect(readFault(429, { 'retry-after': '7' }, Buffer.from('{}'), { nowMs }).retryAfterMs).toBe(7000);
    expect(readFault(503, { 'retry-after': '7' }, Buffer.from('{}'), { nowMs }).retryAfterMs).toBe(7000);
  });

  it('hands its words on to the client, when they are about the request', () => {
    const words = (message: string) => readFault(400, {}, Buffer.from(JSON.stringify({ message })), { nowMs }).message;
    expect(words('Improperly formed request.')).toBe('Improperly formed request.');
    expect(words('Input is too long.')).toBe('Input is too long.');
    expect(words('<html><body>Bad</body></html>')).toBe('the upstream refused the request (400)');
    expect(words('header Bearer aoaAAAAAGhijklmnopqrstuv:MGUC is odd')).not.toContain('AAAAAGhij');
  });

  it('keeps its words to itself, when they are about the account', () => {
    const arn = 'arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE12345';
    for (const reason of ['TEMPORARILY_SUSPENDED', 'FEATURE_NOT_SUPPORTED', 'MONTHLY_REQUEST_COUNT', 'X']) {
      const body = Buffer.from(JSON.stringify({ message: `User ${arn} with id d-1.2 may not`, reason }));
      expect(readFault(403, {}, body, { nowMs }).message).not.toMatch(/arn:|d-1\.2/);
    }
  });

  it.each([
    ['profileArn is required for this request.', 'profile-arn-required'],
    ['The provided credential is invalid.', 'credential-invalid'],
    ['Invalid tool use format.', 'tool-format'],
  ])('is known again by who can ask another way: %s', (message, kind) => {
    const fault = readFault(400, {}, Buffer.from(JSON.stringify({ message, reason: null })), { nowMs });
    expect(complaintOf(fault)).toMatchObject({ kind, message, status: 400, reason: undefined });
    expect(complaintOf(protocolFaults.upstream_error(message))).toBeUndefined();
  });

  it('is read whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 400, max: 599 }),
        fc.oneof(fc.json(), fc.string(), fc.constant('{"message":{"a":1},"reason":7,"code":[],"__type":null}')),
        fc.string(),
        (status, body, type) => {
          const fault = readFault(status, { 'x-amzn-errortype': type }, Buffer.from(body), { nowMs });
          expect(fault.code).toMatch(/^(?:upstream_|context_too_long)/);
          expect(fault.message).not.toBe('');
        },
      ),
    );
  });
});
