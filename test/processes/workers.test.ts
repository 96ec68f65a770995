/** `aiproxy start --workers`, as people run it: a supervisor and its nodes, all processes of their own. */
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Folder } from '../node/config/folder.ts';
import { openaiAccount } from '../running-node.ts';
import { start, type Upstream } from '../upstream/upstream.ts';
import { Load } from './load.ts';
import { type NodeProcess, processKey, startNodeProcess } from './node-process.ts';
import { isRunning, until } from './until.ts';

// Starting nodes takes seconds each where the machine has other things to do.
vi.setConfig({ testTimeout: 120_000 });

interface Banner {
  url: string;
  nodes: { node_id: string; own_url: string; pid: number }[];
}

describe('workers under a supervisor', () => {
  let upstream: Upstream;
  let folder: Folder;
  let file = '';
  let supervisor: NodeProcess;
  let banner: Banner;

  const settings = () => ({ host: '127.0.0.1', api_key: processKey, accounts: [openaiAccount(upstream)] });
  const startWorkers = async (args: readonly string[] = []) =>
    startNodeProcess({}, { args: ['--workers', '2', '--workers-port', '0', '--config', file, ...args] });
  const nodeOf = (response: Response) => response.headers.get('x-aiproxy-node');
  const ask = (url: string, body: Record<string, unknown> = {}) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${processKey}`, connection: 'close' },
      body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }], ...body }),
    });
  const isReady = (url: string) =>
    fetch(`${url}/health/ready`).then(
      ({ status }) => status === 200,
      () => false,
    );

  beforeAll(async () => {
    upstream = await start();
  });
  afterAll(() => upstream.close());
  beforeEach(async () => {
    upstream.clear();
    folder = await Folder.create();
    file = await folder.write('aiproxy.yaml', JSON.stringify(settings()));
    supervisor = await startWorkers();
    banner = JSON.parse(supervisor.stdout().split('\n')[0] ?? '') as Banner;
  });
  afterEach(async () => {
    await supervisor.stop();
    await folder.remove();
  });

  it('share a port, and each has one of its own', async () => {
    const ids = banner.nodes.map(({ node_id }) => node_id);
    expect(new Set(ids).size).toBe(2);
    const seen = new Set<string | null>();
    for (let turn = 0; turn < 4; turn++) seen.add(nodeOf(await ask(banner.url)));
    expect([...seen].sort()).toEqual(ids.toSorted());
    for (const { node_id, own_url } of banner.nodes) {
      expect(nodeOf(await ask(own_url))).toBe(node_id);
      const metrics = await fetch(`${own_url}/metrics`, { headers: { authorization: `Bearer ${processKey}` } });
      expect(metrics.status).toBe(200);
    }
  });

  it('write one log, each line with its worker in it', async () => {
    await writeFile(file, JSON.stringify({ ...settings(), log_level: 'debug' }));
    supervisor.signal('SIGHUP');
    await until(() => supervisor.stderr().includes('replaced all nodes'));
    const lines = supervisor.stderr().trim().split('\n');
    const workers = lines.map((line) => (JSON.parse(line) as { worker?: string }).worker);
    expect(new Set(workers)).toEqual(new Set(['1', '2', undefined]));
  });

  it('are started again when they crash, while the other serves', async () => {
    const [first] = banner.nodes;
    const own = first?.own_url ?? '';
    process.kill(first?.pid ?? 0, 'SIGKILL');
    await until(async () => !(await isReady(own)));
    for (let turn = 0; turn < 4; turn++) expect((await ask(banner.url)).status).toBe(200);
    await until(() => isReady(own));
    expect(supervisor.stderr()).toContain('"signal":"SIGKILL"');
    expect(nodeOf(await ask(own))).toBe(first?.node_id);
  });

  it('get what was on its way to one that dies', async () => {
    const [first, second] = banner.nodes;
    process.kill(first?.pid ?? 0, 'SIGSTOP');
    const calls = [1, 2, 3].map(() => ask(banner.url));
    // One of them waits at the frozen worker, which has not said that it took it.
    await upstream.until(({ totals }) => totals.requests >= 2);
    process.kill(first?.pid ?? 0, 'SIGKILL');
    for (const response of await Promise.all(calls)) expect(nodeOf(response)).toBe(second?.node_id);
  });

  it('are replaced one by one on SIGHUP, and no request is lost', async () => {
    const loads = [true, false].map((isKept) => new Load(banner.url, `kept-${isKept}`, isKept).start(4));
    await Promise.all(loads.map((load) => load.more(20)));
    const pids = banner.nodes.map(({ pid }) => pid);
    supervisor.signal('SIGHUP');
    await until(() => supervisor.stderr().includes('replaced all nodes'));
    await Promise.all(loads.map((load) => load.more(20)));
    const results = await Promise.all(loads.map((load) => load.stop()));
    expect(results.flatMap(({ failed }) => failed)).toEqual([]);
    expect(pids.filter(isRunning)).toEqual([]);
    for (const { own_url } of banner.nodes) expect(await isReady(own_url)).toBe(true);
  });

  it('stay as they are when the settings have become wrong', async () => {
    await writeFile(file, JSON.stringify({ ...settings(), prot: 1 }));
    supervisor.signal('SIGHUP');
    await until(() => supervisor.stderr().includes('the settings have errors'));
    expect(supervisor.stderr()).toContain('prot');
    expect(banner.nodes.map(({ pid }) => pid).every(isRunning)).toBe(true);
    expect((await ask(banner.url)).status).toBe(200);
  });

  it('finish their streams when the supervisor is told to stop, also when Ctrl-C reaches them all', async () => {
    const remove = upstream.script('text=10,slow=30');
    const streams = await Promise.all(banner.nodes.map(({ own_url }) => ask(own_url, { stream: true })));
    const texts = streams.map((response) => response.text());
    for (const pid of [...banner.nodes.map((node) => node.pid), supervisor.pid]) process.kill(pid, 'SIGINT');
    for (const text of await Promise.all(texts)) expect(text).toContain('[DONE]');
    expect(await supervisor.exited).toBe(0);
    remove();
  });

  it('end at once at the second signal', async () => {
    const remove = upstream.script('silent');
    const calls = banner.nodes.map(({ own_url }) => ask(own_url).catch(() => 'cut'));
    await upstream.until(({ totals }) => totals.inFlight === 2);
    supervisor.signal('SIGTERM');
    await until(() => supervisor.stderr().split('stopping:').length === 3);
    supervisor.signal('SIGTERM');
    expect(await supervisor.exited).toBe(143);
    expect(await Promise.all(calls)).toEqual(['cut', 'cut']);
    remove();
  });

  it('leave with a supervisor that is killed', async () => {
    process.kill(supervisor.pid, 'SIGKILL');
    await supervisor.exited;
    await until(() => !banner.nodes.some(({ pid }) => isRunning(pid)));
  });
});

describe('workers that cannot start', () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = await Folder.create();
  });
  afterEach(() => folder.remove());

  it('tell what is wrong with the settings once, and end with 2', async () => {
    const wrong = startNodeProcess({ prot: 1 }, { args: ['--workers', '3', '--workers-port', '0'] });
    const message = await wrong.then(String, String);
    expect(message).toMatch(/exited with 2/);
    expect(message.split('prot: unknown').length).toBe(2);
    expect(message).toContain('giving up');
    expect(message).not.toContain('started again');
  });

  it('name the flag for a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const wrong = startNodeProcess({}, { args: ['--workers', '2', '--workers-port', String(port - 1)] });
    const message = await wrong.then(String, String);
    expect(message).toMatch(/port \d+ on 127\.0\.0\.1 is taken .*--workers-port/);
    taken.close();
  });

  it('need a first port where the shared one is any', async () => {
    const wrong = startNodeProcess({}, { args: ['--workers', '2'] });
    await expect(wrong).rejects.toThrow(/exited with 2[^]*--workers-port/);
  });
});
