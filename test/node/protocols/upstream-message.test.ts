import { describe, expect, it } from 'vitest';
import { readUpstreamError, sanitiseMessage } from '../../../node/protocols/upstream-message.ts';

describe('sanitiseMessage', () => {
  it.each([
    'Incorrect API key provided: sk-proj-abcDEF0123456789.',
    'Incorrect API key provided: sk-abc1************wxyz',
    'invalid header Authorization: Bearer abcdefgh12345678',
    'GET https://host/v1?key=AIzaSyD0123456789abcdef failed',
    'token eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl rejected',
    'no access for AKIAIOSFODNN7EXAMPLE',
    'connect https://user:hunter2secret@host/',
    'client {"api_key": "hunter2secret"}',
    'session aorAAAAAGabcdefghijk:MGUCMQDabcdef',
  ])('takes credentials out of %j', (message) => {
    const shown = sanitiseMessage(message) ?? '';
    expect(shown).toContain('[redacted]');
    expect(shown).not.toMatch(/abcDEF|wxyz|abcdefgh1234|AIza|eyJ|AKIA|hunter2|MGUC/);
  });

  it.each([
    'max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-sonnet-20241022',
    'messages.1.content.0.thinking.signature: Field required',
    'The model `meta-llama-3-70b-instruct-some-long-deployment-name` does not exist',
    'prompt is too long: 210000 tokens > 200000 maximum',
  ])('leaves %j as it is', (message) => {
    expect(sanitiseMessage(message)).toBe(message);
  });

  it('shows no HTML, keeps one line, and bounds the length', () => {
    expect(sanitiseMessage('\n<!DOCTYPE html><html><body>502</body></html>')).toBeUndefined();
    expect(sanitiseMessage('error: <html><h1>Bad gateway</h1></html>')).toBeUndefined();
    expect(sanitiseMessage('a\n\tb\u0000c')).toBe('a b c');
    expect(sanitiseMessage('word '.repeat(1000))!.length).toBeLessThanOrEqual(500);
  });
});

describe('readUpstreamError', () => {
  it.each([
    [
      '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
      'Overloaded',
      'overloaded_error',
      undefined,
    ],
    ['{"error":{"message":"m","type":"t","code":"c"}}', 'm', 't', 'c'],
    ['[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}]', 'm', 'RESOURCE_EXHAUSTED', 429],
    ['{"error":"invalid_grant","error_description":"gone"}', 'gone', 'invalid_grant', undefined],
    ['{"__type":"ThrottlingException","message":"slow"}', 'slow', 'ThrottlingException', undefined],
    ['{"detail":"Not Found"}', 'Not Found', undefined, undefined],
    ['upstream connect error', 'upstream connect error', undefined, undefined],
    ['', undefined, undefined, undefined],
    ['null', undefined, undefined, undefined],
  ])('reads %s', (body, message, type, code) => {
    expect(readUpstreamError(Buffer.from(body))).toMatchObject({ message, type, code });
  });
});
