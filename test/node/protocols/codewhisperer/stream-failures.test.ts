import { describe, expect, it } from 'vitest';
import { isFault } from '../../../../kit/fault.ts';
import { decode, event, exception, frame, reader, reading, text, told } from './frames.ts';
import { faultIn, finish, says } from './read-file-call.ts';

describe('failures in the stream', () => {
  it.each([
    [
      'throttlingException',
      { message: 'Too many requests.', reason: 'INSUFFICIENT_MODEL_CAPACITY' },
      'upstream_overloaded',
    ],
    ['ThrottlingException', { message: 'Too many requests.' }, 'upstream_rate_limited'],
    ['throttlingException', { message: 'x', reason: 'MONTHLY_REQUEST_COUNT' }, 'upstream_rate_limited'],
    ['internalServerException', { message: 'Encountered unexpectedly high load' }, 'upstream_overloaded'],
    ['internalServerException', { message: 'x', reason: 'MODEL_TEMPORARILY_UNAVAILABLE' }, 'upstream_overloaded'],
    ['internalServerException', { message: 'Something broke' }, 'upstream_error'],
    ['serviceUnavailableException', {}, 'upstream_overloaded'],
    ['validationException', { message: 'Improperly formed request.', reason: null }, 'upstream_rejected'],
    [
      'validationException',
      { message: 'Input is too long.', reason: 'CONTENT_LENGTH_EXCEEDS_THRESHOLD' },
      'context_too_long',
    ],
    ['accessDeniedException', { message: 'x', reason: 'TEMPORARILY_SUSPENDED' }, 'upstream_account_suspended'],
    [
      'accessDeniedException',
      { message: 'The bearer token included in the request is invalid.' },
      'upstream_token_refused',
    ],
    ['conflictException', {}, 'upstream_error'],
    ['serviceQuotaExceededException', {}, 'upstream_rate_limited'],
    ['resourceNotFoundException', {}, 'upstream_error'],
    ['exceptionOfNextYear', { message: 'x' }, 'upstream_error'],
  ])('%s %j is %s, before text and after it', (type, payload, code) => {
    expect(faultIn([exception(type, payload)]).code).toBe(code);
    expect(decode([text('x'), exception(type, payload), text('y')]).map(({ type }) => type)).toEqual([
      'start',
      'text',
      'fault',
    ]);
    expect(faultIn([text('x'), exception(type, payload)]).code).toBe(code);
  });

  it('may be exceptions without a type or a payload that can be read', () => {
    const bare = frame({ ':message-type': 'exception' }, undefined);
    expect(faultIn([bare])).toMatchObject({ code: 'upstream_error', message: 'the upstream failed' });
  });

  it('may be error messages that have headers alone', () => {
    const headers = { ':message-type': 'error', ':error-code': 'InternalError', ':error-message': 'It broke.' };
    expect(faultIn([text('x'), frame(headers, undefined)])).toMatchObject({
      code: 'upstream_error',
      message: 'It broke.',
    });
    const throttled = { ':message-type': 'error', ':error-code': 'ThrottlingException' };
    expect(faultIn([frame(throttled, undefined)]).code).toBe('upstream_rate_limited');
  });

  it('may be an invalid state', () => {
    const state = event('invalidStateEvent', { reason: 'INVALID_TASK_ASSIST_PLAN', message: 'The plan is not valid.' });
    expect(faultIn([state])).toMatchObject({ code: 'upstream_error', message: 'The plan is not valid.' });
  });

  it('show no credential', () => {
    const { message } = faultIn([
      exception('internalServerException', { message: 'token aoaAAAAAGhijklmnopqrstuv:MGUC failed' }),
    ]);
    expect(message).not.toContain('aoaAAAAAGhij');
  });

  it('are events whose payload is not a JSON object', () => {
    const headers = { ':event-type': 'assistantResponseEvent', ':message-type': 'event' };
    expect(faultIn([frame(headers, undefined)]).code).toBe('upstream_bad_answer');
    expect(faultIn([frame(headers, ['x'])]).code).toBe('upstream_bad_answer');
    expect(told([text('x'), frame({ ':event-type': 'meteringEvent' }, undefined)])).toEqual([
      says('x'),
      finish('stop'),
    ]);
  });

  it('are faults when the whole body is no event stream', () => {
    for (const body of ['<html>502</html>', '{"message":"no"}', 'data: {}\n\n']) {
      const error = thrownBy(() => reader.decodeAnswer(Buffer.from(body), reading, 'msg_1'));
      expect(isFault(error) && error.code).toMatch(/^upstream_(?:bad_answer|truncated)$/);
    }
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
