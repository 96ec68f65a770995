import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dispatch } from '../../../../cli/program/dispatch.ts';
import { freePorts } from '../../../../cli/program/supervise/free-ports.ts';
import { Folder } from '../../../node/config/folder.ts';
import { nodeKey, runNode, type TestNode } from '../../../running-node.ts';
import { awsOidc } from '../../../upstream/login/aws-oidc.ts';
import { googleBrowser, googleOauth } from '../../../upstream/login/google-oauth.ts';
import { kiroAuth, kiroBrowser } from '../../../upstream/login/kiro-auth.ts';
import { type LoginProtocol, type LoginService, startLoginService } from '../../../upstream/login/login-service.ts';
import { RecordedTerminal } from '../../recorded-terminal.ts';
import { startLogin } from './login-process.ts';

let folder: Folder;
let service: LoginService | undefined;
let node: TestNode | undefined;

beforeEach(async () => {
  folder = await Folder.create();
});

afterEach(async () => {
  await node?.stop();
  node = undefined;
  await service?.close();
  service = undefined;
  await folder.remove();
});

async function serve(protocol: LoginProtocol): Promise<LoginService> {
  service = await startLoginService(protocol);
  return service;
}

/** The verb in this process, at a terminal where `answers` are typed; without them in a pipe. */
async function run(args: string[], answers?: (question: string) => string) {
  const terminal = new RecordedTerminal(folder.cwd, folder.home, {});
  const questions: string[] = [];
  if (answers !== undefined) {
    const ask = (question: string) => {
      questions.push(question);
      return Promise.resolve(answers(question));
    };
    Object.assign(terminal, { ask });
  }
  const code = await dispatch(['login', ...args], terminal);
  expect(terminal.listenerCount).toBe(0);
  return { code, out: terminal.stdout.text, err: terminal.stderr.text, questions };
}

const dataDir = () => join(folder.home, 'data');

function expectNoSecret(text: string): void {
  expect((service?.secrets ?? []).filter((secret) => text.includes(secret))).toEqual([]);
}

describe('aiproxy login', () => {
  it('lists the providers and their logins', async () => {
    const { code, out } = await run([]);
    expect(code).toBe(0);
    expect(out).toMatch(/^kiro-api +builder-id, idc, google, github, google-device, github-device$/m);
    expect(out).toMatch(/^openai-custom +no login: give its account api_key/m);
    const listed = JSON.parse((await run(['--json'])).out) as unknown[];
    expect(listed).toContainEqual({ provider: 'amazonq', kinds: ['builder-id', 'idc'] });
    expect(listed).toContainEqual({ provider: 'oci', kinds: [] });
  });

  it.each([
    [['kiro'], 'kiro: unknown provider; did you mean kiro-api?'],
    [['gemnii-cli'], 'gemnii-cli: unknown provider; did you mean gemini-cli?'],
    [['openai-custom'], 'openai-custom has no login: give its account api_key (docs/configuration.md)'],
    [['oci'], 'oci has no login: give its account key_file or key_content (docs/configuration.md)'],
    [['kiro-api', '--kind', 'builderid'], '--kind builderid: unknown at kiro-api; did you mean builder-id?'],
    [['qwen-api', '--kind', 'telephone'], '--kind telephone: unknown at qwen-api; known: device'],
  ])('says in one line what is wrong: %j', async (args, said) => {
    expect(await run(args)).toMatchObject({ code: 2, out: '', err: `aiproxy: ${said}\n` });
  });

  it('refuses an id that an account cannot have, and settings that are wrong', async () => {
    expect((await run(['amazonq', '--id', '../x'])).err).toMatch(/^--id: "\.\.\/x" is not allowed; allowed: 1 to 64/);
    expect(await run(['amazonq', '--port', 'x'])).toMatchObject({ code: 2, err: expect.stringContaining('port') });
  });

  it('says that the login service cannot be reached, or may not be', async () => {
    const [port] = await freePorts(1);
    const closed = `http://127.0.0.1:${port}`;
    expect(await run(['amazonq', '--auth-url', closed])).toMatchObject({
      code: 1,
      err: `aiproxy: the login service at ${closed} cannot be reached (ECONNREFUSED); try again\n`,
    });
    const metadata = await run(['amazonq', '--auth-url', 'http://169.254.169.254']);
    expect(metadata).toMatchObject({ code: 1, err: expect.stringContaining('link-local') });
  });
});

describe('a login in a pipe', () => {
  it('shows where to go on stderr, polls, and keeps the credentials', async () => {
    const { url, asked, confirm } = boundTo(await serve(kiroAuth()));
    const args = ['kiro-api', '--kind', 'google-device', '--id', 'k1', '--auth-url', url, '--data-dir', dataDir()];
    const login = startLogin(args, folder.home);
    await asked('/oauth/device/poll');
    confirm();
    expect(await login.exited).toBe(0);
    expect(login.stderr()).toContain(`Open  ${url}/device\nCode  KIRO-CODE\n`);
    const path = join(dataDir(), 'logins/k1.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ authMethod: 'social', provider: 'Google' });
    const yaml = login.stdout().slice(login.stdout().indexOf('accounts:'));
    expect(parse(yaml)).toEqual({ accounts: [{ id: 'k1', provider: 'kiro-api', creds_file: path }] });
    expectNoSecret(login.stdout() + login.stderr());
  });

  it('is ended by SIGINT, and writes nothing', async () => {
    const { url, asked } = boundTo(await serve(awsOidc()));
    const login = startLogin(['amazonq', '--auth-url', url, '--data-dir', dataDir()], folder.home);
    await asked('/token');
    login.signal('SIGINT');
    expect(await login.exited).toBe(130);
    expect(login.stderr()).toContain('the login was given up; nothing was written\n');
    await expect(stat(join(dataDir(), 'logins'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('listens for the browser on 127.0.0.1, once', async () => {
    const running = await serve(googleOauth('public'));
    const client = ['--client-id', 'mine', '--client-secret', 'public'];
    const args = ['gemini-cli', ...client, '--auth-url', running.url, '--out', 'g.json', '--json'];
    const login = startLogin(args, folder.home);
    const back = googleBrowser(running, await login.said(/^Open {2}(\S+)$/m));
    const { origin } = new URL(back);
    expect((await fetch(`${origin}/favicon.ico`)).status).toBe(404);
    expect((await fetch(back, { method: 'POST' })).status).toBe(404);
    const answer = await fetch(back);
    expect(await answer.text()).toContain('This tab can be closed');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(await login.exited).toBe(0);
    await expect(fetch(back)).rejects.toThrow();
    const printed = JSON.parse(login.stdout()) as Record<string, unknown>;
    expect(printed).toMatchObject({ id: 'gemini-cli', kind: 'google', file: join(folder.home, 'g.json'), node: null });
    expectNoSecret(login.stdout() + login.stderr());
  });

  it('asks for nothing: a kind that needs the person says which one does not', async () => {
    const { url } = await serve(kiroAuth());
    const login = startLogin(['kiro-api', '--kind', 'github', '--auth-url', url], folder.home);
    expect(await login.exited).toBe(2);
    expect(login.stderr()).toMatch(/nobody sits at the terminal; take one that ends in -device/);
  });
});

describe('a login at a terminal', () => {
  it('takes the address at which the browser ended', async () => {
    const running = await serve(kiroAuth());
    let address = '';
    const typed = ['', 'https://example.org/', () => ` ${kiroBrowser(running, address)}\n`];
    const terminal = new RecordedTerminal(folder.cwd, folder.home, {});
    const ask = (question: string) => {
      if (!question.startsWith('Paste')) return Promise.resolve('');
      address = /^Open {2}(\S+)$/m.exec(terminal.stderr.text)?.[1] ?? '';
      const next = typed.shift() ?? '';
      return Promise.resolve(typeof next === 'string' ? next : next());
    };
    Object.assign(terminal, { ask });
    const code = await dispatch(
      ['login', 'kiro-api', '--kind', 'google', '--auth-url', running.url, '--data-dir', dataDir()],
      terminal,
    );
    expect([code, typed]).toEqual([0, []]);
    expect(terminal.stderr.text.match(/copy the whole of it/g)).toHaveLength(2);
    expect(terminal.stdout.text).toContain('logged in to Kiro with Google');
  });

  it('is given up by Ctrl-C while it asks', async () => {
    const { url } = await serve(kiroAuth());
    const terminal = new RecordedTerminal(folder.cwd, folder.home, {});
    const ask = () => {
      terminal.send('SIGINT');
      return new Promise<string>(() => undefined);
    };
    Object.assign(terminal, { ask });
    expect(await dispatch(['login', 'kiro-api', '--kind', 'google', '--auth-url', url], terminal)).toBe(130);
  });
});

describe('a login for a running node', () => {
  const atNode = () => ['--url', node?.url ?? '', '--api-key', nodeKey, '--data-dir', dataDir()];
  const tokenOf = async (id: string) => {
    const page = (await (await node!.fetch(`/accounts/${id}`)).json()) as { token: Record<string, unknown> };
    return page.token;
  };

  it('adds the account, whose token is used at once, and gives it new credentials the next time', async () => {
    const { url, confirm } = boundTo(await serve(kiroAuth()));
    confirm();
    node = await runNode({});
    const args = ['kiro-api', '--kind', 'google-device', '--auth-url', url, '--add', ...atNode()];
    const first = await run(args);
    expect(first).toMatchObject({ code: 0, out: expect.stringContaining('account kiro-api was added') });
    expect(await tokenOf('kiro-api')).toMatchObject({ state: 'usable', refreshed_by: null });
    // Somebody else's login may stand there: it is replaced only when it is named.
    const path = join(dataDir(), 'logins/kiro-api.json');
    const before = await readFile(path, 'utf8');
    expect(await run(args)).toMatchObject({ code: 2, err: expect.stringContaining('--id kiro-api replaces it') });
    expect(await readFile(path, 'utf8')).toBe(before);
    expect((await run([...args, '--id', 'kiro-api'])).out).toContain('account kiro-api was changed');
    expect(service?.complaints).toEqual([]);
  });

  it('keeps the whole account in the file where its provider takes none', async () => {
    const { url, confirm } = boundTo(await serve(awsOidc()));
    confirm();
    node = await runNode({});
    const { code, out } = await run(['amazonq', '--id', 'q1', '--auth-url', url, '--add', ...atNode()]);
    expect(code).toBe(0);
    expectNoSecret(out);
    const text = await readFile(join(dataDir(), 'logins/q1.json'), 'utf8');
    expect(text.trim().split('\n')).toHaveLength(1);
    expect(parse(`accounts:\n  - ${text}`)).toMatchObject({ accounts: [{ id: 'q1', provider: 'amazonq' }] });
    await expect.poll(() => tokenOf('q1'), { timeout: 20_000 }).toMatchObject({ state: 'usable' });
    expect(service?.complaints).toEqual([]);
  });

  it('asks at a terminal before it adds, and keeps the credentials all the same', async () => {
    const { url, confirm } = boundTo(await serve(kiroAuth()));
    confirm();
    node = await runNode({});
    const args = ['kiro-api', '--kind', 'google-device', '--id', 'k1', '--auth-url', url, ...atNode()];
    const refused = await run(args, () => 'n');
    expect(refused.questions).toEqual([`Add the account to the node at ${node.url}? [y/N] `]);
    expect(refused.code).toBe(0);
    expect((await node.fetch('/accounts/k1')).status).toBe(404);
    expect((await run(args, () => 'y')).out).toContain('was added');
  });

  it('says that no node is there only where one was asked for', async () => {
    const { url, confirm } = boundTo(await serve(kiroAuth()));
    confirm();
    const [port] = await freePorts(1);
    const closed = ['--url', `127.0.0.1:${port}`, '--api-key', nodeKey, '--data-dir', dataDir()];
    const args = ['kiro-api', '--kind', 'google-device', '--id', 'k1', '--auth-url', url, ...closed];
    expect(await run(args, () => 'y')).toMatchObject({ code: 0, questions: [] });
    const asked = await run([...args, '--add']);
    expect(asked.code).toBe(3);
    expect(asked.err).toContain('the credentials are kept; the account was not added to a node\n');
  });
});

/** The service's calls, taken apart. */
function boundTo(running: LoginService) {
  return {
    url: running.url,
    asked: (path: string) => running.asked(path),
    confirm: () => running.confirm(),
  };
}
