import { spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../../programs.ts';
import { adminKey, viewerKey } from '../../../node/http/node-under-test.ts';
import { programFile } from '../../run-program.ts';
import { consoleRig, type ConsoleRig } from './console-rig.ts';

let rig: ConsoleRig;
beforeEach(async () => {
  rig = await consoleRig();
});
afterEach(() => rig.stop());

const password = 'correct horse 9';

describe('the program', () => {
  it('prints a new key alone on stdout', async () => {
    const { code, out, err } = await rig.spawn(['keys', 'add', 'k', '--role', 'viewer']);
    expect(code).toBe(0);
    expect(out).toMatch(/^aip_[\w-]{43}\n$/);
    expect(err).toBe('key0001 is made; the key is shown this once, and only its hash is kept\n');
    expect((await rig.node.get('/auth/me', { 'x-api-key': out.trim() })).status).toBe(200);
  });

  it('takes a password from a pipe', async () => {
    const added = await rig.spawn(['users', 'add', 'ann', '--password-stdin'], `${password}\n`);
    expect(added).toMatchObject({ code: 0, out: 'ann is added as user0001, with the role user\n', err: '' });
    expect((await rig.node.send('POST', '/auth/login', { username: 'ann', password }, '')).status).toBe(200);
    const empty = await rig.spawn(['users', 'add', 'bob', '--password-stdin']);
    expect(empty).toMatchObject({ code: 2, err: 'aiproxy: --password-stdin: the standard input is empty\n' });
  });

  it('ends with the code of what went wrong', async () => {
    const codes = await Promise.all([
      rig.spawn(['users', 'list'], '', { AIPROXY_API_KEY: 'wrong' }),
      rig.spawn(['users', 'list'], '', { AIPROXY_API_KEY: viewerKey }),
      rig.spawn(['users', 'list', '--url', 'http://127.0.0.1:1']),
      rig.spawn(['users', 'lst']),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([4, 4, 3, 2]);
    expect(codes.every(({ err, out }) => out === '' && err.trimEnd().split('\n').length === 1)).toBe(true);
    expect(codes[1]?.err).toContain('users:read');
  });

  it('prints one JSON value and nothing else with --json', async () => {
    const { out } = await rig.spawn(['roles', 'list', '--json']);
    expect(JSON.parse(out)).toMatchObject({ roles: expect.any(Array), next_cursor: null });
  });
});

const script = findProgram('script');

describe.skipIf(script === undefined)('at a terminal', () => {
  /** Types `typed` once something was asked, twice; answers all that the screen showed. */
  async function typed(args: string, word: string, env: Record<string, string> = {}) {
    const command = `'${process.execPath}' '${programFile}' ${args}`;
    const child = spawn(script ?? '', ['-qec', command, '/dev/null'], {
      env: { PATH: process.env['PATH'] ?? '', AIPROXY_API_KEY: adminKey, AIPROXY_PORT: String(rig.node.port), ...env },
    });
    let screen = '';
    let asked = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text;
      const questions = screen.match(/Password[^:]*: /g)?.length ?? 0;
      for (; asked < questions; asked++) child.stdin.write(word);
    });
    const code = await new Promise((done) => child.once('close', done));
    return { code, screen };
  }

  it('asks for a password twice and shows nothing of it', async () => {
    const { code, screen } = await typed('users add ann', `${password}\r`);
    expect([code, screen]).toEqual([0, expect.stringContaining('ann is added')]);
    expect(screen).not.toContain('correct');
    expect((await rig.node.send('POST', '/auth/login', { username: 'ann', password }, '')).status).toBe(200);
  });

  it('is left by Ctrl-C, and nothing was done', async () => {
    const { code } = await typed('users add ann', 'half\u0003');
    expect(code).not.toBe(0);
    expect((await rig.json(['users', 'list']))['users']).toEqual([]);
  });

  it('colours, but not with NO_COLOR', async () => {
    expect((await typed('roles list', '')).screen).toContain('\u001B[2m');
    expect((await typed('roles list', '', { NO_COLOR: '1' })).screen).not.toContain('\u001B');
  });
});
