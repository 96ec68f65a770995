import { describe, expect, it } from 'vitest';
import { createLog, silentLog, type LogLevel } from '../../kit/log.ts';
import { Secret } from '../../kit/secret.ts';

function capture(level: LogLevel, format: 'json' | 'plain' = 'json') {
  const lines: string[] = [];
  const log = createLog({ level, format, destination: { write: (line) => lines.push(line) } });
  return { log, lines, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('createLog', () => {
  it('writes one JSON line with level, time, message and fields', () => {
    const { log, parsed } = capture('info');
    log.warn('account rests', { account: 'a', for_ms: 20 });
    expect(parsed()).toEqual([
      { level: 'warn', time: expect.stringMatching(/^\d{4}-.*Z$/), message: 'account rests', account: 'a', for_ms: 20 },
    ]);
  });

  it('holds back what is below its level, which may change', () => {
    const { log, lines } = capture('warn');
    log.info('no');
    log.level = 'debug';
    log.debug('yes');
    log.level = 'silent';
    log.error('no');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('yes');
  });

  it('never writes a secret, whatever it hides in', () => {
    const { log, lines } = capture('debug');
    const password = 'hunter2-hunter2';
    log.info('a', { secret: new Secret(password), deep: { list: [new Secret(password)] } });
    log.info('b', { api_key: password, account: { refresh_token: password, headers: { authorization: password } } });
    log.info('c', { headers: { 'x-api-key': password, cookie: password } });
    log.child({ client_secret: password }).info('d', { body: { clientSecret: password } });
    log.error('e', { error: Object.assign(new Error('failed'), { config: { password } }) });
    expect(lines).toHaveLength(5);
    expect(lines.join('')).not.toContain(password);
  });

  it('tells an error with its code, stack and causes', () => {
    const { log, parsed } = capture('info');
    const error = new Error('outer', { cause: new Error('inner') });
    log.error('went wrong', { error: Object.assign(error, { code: 'E_X' }) });
    expect(parsed()[0]?.['error']).toMatchObject({ code: 'E_X', message: 'outer', causes: ['inner'] });
  });

  it('gives a child its fields and its parent its own', () => {
    const { log, parsed } = capture('info');
    log.child({ node: 'n1' }).info('child');
    log.info('parent');
    expect(parsed().map(({ node }) => node)).toEqual(['n1', undefined]);
  });

  it('writes plain lines for people, still without secrets', () => {
    const { log, lines } = capture('info', 'plain');
    log.info('listens', { url: 'http://127.0.0.1:1', key: 'hunter2', note: 'two words' });
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d info  listens {2}url=http:\/\/127\.0\.0\.1:1 {2}key=\[redacted\] {2}note="two words"\n$/,
    );
    log.error('failed', { error: new Error('boom') });
    expect(lines[1]).toContain('Error: boom');
  });

  it('can be given none', () => {
    expect(silentLog.child({ a: 1 })).toBe(silentLog);
    expect(() => silentLog.error('x')).not.toThrow();
  });
});
