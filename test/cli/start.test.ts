import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutput } from '../../cli/program/output.ts';
import { runStart } from '../../cli/program/start/run-start.ts';
import type { NodeEnvironment, RunningNode, StartNode } from '../../cli/program/start/running-node.ts';
import { exitCodeOf } from '../../cli/program/exit-codes.ts';
import { defineFaults } from '../../kit/fault.ts';
import { Secret } from '../../kit/secret.ts';
import type { Settings } from '../../node/config/settings.ts';
import { Folder } from '../node/config/folder.ts';
import { RecordedTerminal } from './recorded-terminal.ts';

let folder: Folder;

beforeEach(async () => {
  folder = await Folder.create();
});

afterEach(() => folder.remove());

/** At once, so that a reader finds the old text or the new and never an empty file. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** A node that does nothing but remember. */
class FakeNode implements RunningNode {
  readonly url = 'http://127.0.0.1:4321';
  readonly inFlight = 0;
  readonly stopped = Promise.withResolvers<void>();
  readonly endedItself = Promise.withResolvers<Error | undefined>();
  readonly ended = this.endedItself.promise;
  readonly reloaded: Settings[] = [];
  readonly asked = Promise.withResolvers<void>();
  stopCount = 0;
  #waiters: (() => void)[] = [];

  reload(settings: Settings): void {
    this.reloaded.push(settings);
    for (const wake of this.#waiters.splice(0)) wake();
  }

  nextReload(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  stop(): Promise<void> {
    this.stopCount++;
    this.asked.resolve();
    return this.stopped.promise;
  }
}

async function start(args: string[], load: () => Promise<StartNode>, isJson = false) {
  const terminal = new RecordedTerminal(folder.cwd, folder.home);
  const output = createOutput(terminal, isJson);
  const done = runStart({ options: {}, nodeArgs: args, output, terminal }, load);
  return { terminal, done };
}

/** Starts a fake node and waits until it listens. */
async function startFake(args: string[] = [], isJson = false) {
  const node = new FakeNode();
  const listening = Promise.withResolvers<
    { settings: Settings } & Pick<NodeEnvironment, 'configFile' | 'onAdminMade'>
  >();
  const { terminal, done } = await start(
    args,
    async () =>
      async (settings, { configFile, onAdminMade }) => {
        listening.resolve({ settings, configFile, onAdminMade });
        return node;
      },
    isJson,
  );
  return { node, terminal, done, ...(await listening.promise) };
}

/** Signals are listened for only after the node is up. */
async function untilListening(terminal: RecordedTerminal): Promise<void> {
  while (terminal.listenerCount === 0) await new Promise(setImmediate);
}

describe('aiproxy start', () => {
  it('prints the address, the key once, and how to add an account', async () => {
    const first = await startFake();
    await untilListening(first.terminal);
    const key = first.settings.api_key?.reveal() ?? '';
    expect(first.terminal.stdout.lines[0]).toMatch(/^aiproxy \d.* listens on http:\/\/127\.0\.0\.1:4321$/);
    expect(first.terminal.stdout.text).toContain(key);
    expect(first.terminal.stdout.text).toContain('none: requests are answered 503');
    expect(first.terminal.stdout.text).toContain('--model-provider openai-custom');
    first.node.stopped.resolve();
    first.terminal.send('SIGTERM');
    expect(await first.done).toBe(0);

    const second = await startFake();
    await untilListening(second.terminal);
    expect(second.settings.api_key?.reveal()).toBe(key);
    expect(second.terminal.stdout.text).not.toContain(key);
    second.node.stopped.resolve();
    second.terminal.send('SIGINT');
    expect(await second.done).toBe(0);
  });

  it('tells the node which file its settings are of', async () => {
    const file = await folder.write('config.conf', 'api_key = k\n');
    const { node, terminal, done, configFile } = await startFake(['-config', 'config.conf']);
    expect(configFile).toBe(file);
    await untilListening(terminal);
    node.stopped.resolve();
    terminal.send('SIGTERM');
    expect(await done).toBe(0);
  });

  it('prints one JSON line with --json, and no colour without a terminal', async () => {
    const { terminal, node, done } = await startFake(['--kiro-oauth-creds-file', 'k.json'], true);
    await untilListening(terminal);
    expect(terminal.stdout.lines).toHaveLength(1);
    expect(JSON.parse(terminal.stdout.text)).toMatchObject({
      url: 'http://127.0.0.1:4321',
      accounts: [{ id: 'kiro-api', provider: 'kiro-api', enabled: true }],
      api_key: expect.stringMatching(/^sk-aiproxy-/),
    });
    expect(terminal.stdout.text + terminal.stderr.text).not.toContain('\u001B[');
    node.stopped.resolve();
    terminal.send('SIGTERM');
    await done;
  });

  it.each([
    ['for a person', false],
    ['as a line of JSON', true],
  ])('prints the first admin after the banner, %s, and never in the log', async (_how, isJson) => {
    const { terminal, node, done, onAdminMade } = await startFake([], isJson);
    // A node may make it before the banner is out.
    onAdminMade?.({ username: 'admin', password: new Secret('abcde-fghij') });
    await untilListening(terminal);
    await new Promise(setImmediate);
    const { lines } = terminal.stdout;
    if (isJson) expect(JSON.parse(lines[1] ?? '')).toEqual({ admin: { username: 'admin', password: 'abcde-fghij' } });
    else expect(lines.slice(1).join('\n')).toMatch(/Admin {5}admin, password abcde-fghij\n.*not shown again/);
    expect(lines[0]).not.toContain('abcde');
    expect(terminal.stderr.text).not.toContain('abcde');
    node.stopped.resolve();
    terminal.send('SIGTERM');
    await done;
  });

  it('drains at the first signal and gives up at the second', async () => {
    const { terminal, node, done } = await startFake();
    await untilListening(terminal);
    terminal.send('SIGTERM');
    await node.asked.promise;
    terminal.send('SIGINT');
    expect(await done).toBe(130);
    expect(node.stopCount).toBe(1);
    expect(terminal.listenerCount).toBe(0);
  });

  it('ends with 0 when the node has left its mesh for good, and fails with the reason when it had to stop', async () => {
    const left = await startFake();
    await untilListening(left.terminal);
    left.node.endedItself.resolve(undefined);
    expect(await left.done).toBe(0);
    expect(left.terminal.listenerCount).toBe(0);

    const refused = await startFake();
    await untilListening(refused.terminal);
    const reason = new Error('another node has its name');
    refused.node.endedItself.resolve(reason);
    await expect(refused.done).rejects.toBe(reason);
    expect(refused.terminal.listenerCount).toBe(0);
  });

  it('reads the settings again on SIGHUP, and keeps the old ones when they are wrong', async () => {
    const path = join(folder.cwd, 'c.yaml');
    await writeFile(path, 'limits: {queue_size: 1}\n');
    const { terminal, node, done } = await startFake(['--config', 'c.yaml']);
    await untilListening(terminal);
    await replace(path, 'limits: {queue_size: 2}\n');
    let reloaded = node.nextReload();
    terminal.send('SIGHUP');
    await reloaded;
    await replace(path, 'limits: {queue_size: many}\n');
    terminal.send('SIGHUP');
    await replace(path, 'limits: {queue_size: 3}\n');
    reloaded = node.nextReload();
    terminal.send('SIGHUP');
    await reloaded;
    expect(node.reloaded.map(({ limits }) => limits.queue_size).slice(0, 1)).toEqual([2]);
    expect(node.reloaded.at(-1)?.limits.queue_size).toBe(3);
    expect(node.reloaded.every(({ api_key }) => api_key !== undefined)).toBe(true);
    node.stopped.resolve();
    terminal.send('SIGTERM');
    expect(await done).toBe(0);
  });

  it.each([
    [
      'EADDRINUSE',
      'aiproxy: port 3000 on 127.0.0.1 is taken by another program; stop it, or choose another with --port',
    ],
    ['EACCES', 'aiproxy: port 3000 on 127.0.0.1 may not be opened by this user; choose one from 1024 up with --port'],
    [
      'EADDRNOTAVAIL',
      'aiproxy: 127.0.0.1 is not an address of this machine; choose one with --host (127.0.0.1 for this machine only)',
    ],
  ])('says in one line what %s means', async (code, line) => {
    const system = Object.assign(new Error(`listen ${code}`), { code, syscall: 'listen' });
    const { terminal, done } = await start([], async () => async () => {
      throw new Error('wrapped', { cause: system });
    });
    expect(await done).toBe(1);
    expect(terminal.stderr.lines).toEqual([line]);
  });

  it('names the port that is taken, and its flag, where the node has several', async () => {
    const system = Object.assign(new Error('listen'), { code: 'EADDRINUSE', syscall: 'listen', port: 9100 });
    const { terminal, done } = await start(['--metrics-port', '9100'], async () => async () => {
      throw system;
    });
    expect(await done).toBe(1);
    expect(terminal.stderr.lines).toEqual([
      'aiproxy: port 9100 on 127.0.0.1 is taken by another program; stop it, or choose another with --metrics-port',
    ]);
  });

  it('ends with 2 and a line for each error of the settings, before anything is loaded', async () => {
    const { terminal, done } = await start(['--port', 'x', '--prot', '1'], () => {
      throw new Error('must not be loaded');
    });
    expect(await done).toBe(2);
    expect(terminal.stderr.lines).toHaveLength(2);
  });
});

describe('exitCodeOf', () => {
  it('tells wrong settings from failures', () => {
    const faults = defineFaults({
      wrong: { source: 'config', retry: 'never', status: 500, summary: '' },
      failed: { source: 'upstream', retry: 'never', status: 502, summary: '' },
    });
    expect([faults.wrong('x'), faults.failed('x'), new Error('x'), 'x'].map(exitCodeOf)).toEqual([2, 1, 1, 1]);
  });
});
