/** Three nodes behind the real nginx, with the configuration that `aiproxy cluster nginx --full` writes. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nginxConfiguration, nginxUpstream } from '../../cli/program/cluster/nginx-configuration.ts';
import { findProgram } from '../programs.ts';
import { type CountingUpstream, startCountingUpstream } from './counting-upstream.ts';
import { Load } from './load.ts';
import { freePorts } from './mesh/free-ports.ts';
import { type NodeProcess, processKey, startNodeProcess } from './node-process.ts';
import { type RunningNginx, startNginx } from './nginx.ts';
import { until } from './until.ts';

const program = findProgram('nginx');

/** Starting a node takes seconds where the machine has other things to do, milliseconds. */
const restartsTimeoutMs = 120_000;

describe.skipIf(program === undefined)('three nodes behind nginx', () => {
  let upstream: CountingUpstream;
  let ports: number[];
  let nodes: NodeProcess[];
  let nginx: RunningNginx;

  const startNode = (port: number) => {
    const account = { id: 'a', provider: 'openai-custom', base_url: upstream.baseUrl, api_key: 'k', discovery: false };
    return startNodeProcess({ accounts: [account] }, { args: ['--port', String(port)] });
  };
  beforeAll(async () => {
    upstream = await startCountingUpstream();
    ports = await freePorts(3);
    nodes = await Promise.all(ports.map(startNode));
    nginx = await startNginx(program ?? '', ...ports);
  });
  afterAll(async () => {
    await nginx.stop();
    await Promise.all(nodes.map((node) => node.stop()));
    upstream.close();
  });
  // Whatever happened to the nodes: nothing was asked of the upstream twice.
  afterEach(() => expect([...upstream.counts].filter(([, count]) => count > 1)).toEqual([]));

  it(
    'lose no request while all of them are restarted one after another',
    async () => {
      const loads = [true, false].map((isKept) => new Load(nginx.url, `rolling-${isKept}`, isKept).start(3));
      await Promise.all(loads.map((load) => load.more(30)));
      for (const [index, port] of ports.entries()) {
        expect(await nodes[index]?.stop()).toBe(0);
        nodes[index] = await startNode(port);
        await Promise.all(loads.map((load) => load.more(30)));
      }
      const results = await Promise.all(loads.map((load) => load.stop()));
      expect(results.flatMap(({ failed }) => failed)).toEqual([]);
    },
    restartsTimeoutMs,
  );

  it(
    'lose with a killed node what it had under way, and nothing else',
    async () => {
      const [victim] = nodes;
      const loads = [true, false].map((isKept) => new Load(nginx.url, `killed-${isKept}`, isKept).start(3));
      await Promise.all(loads.map((load) => load.more(30)));
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      // What is asked while the kernel takes the process apart may still reach it.
      await victim?.exited;
      const before = new Set(loads.flatMap((load) => load.asked));
      await Promise.all(loads.map((load) => load.more(100)));
      const results = await Promise.all(loads.map((load) => load.stop()));
      expect(results.flatMap(({ failed }) => failed).filter(({ text }) => !before.has(text))).toEqual([]);
      nodes[0] = await startNode(ports[0] ?? 0);
    },
    restartsTimeoutMs,
  );

  it('use a node again soon after it is back', async () => {
    const [port = 0] = ports;
    const name = nameOf(await ask(port));
    await until(async () => nameOf(await ask(nginx.port)) === name);
  });

  async function ask(port: number): Promise<Response> {
    const headers = { authorization: `Bearer ${processKey}`, 'content-type': 'application/json' };
    asked++;
    const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: `asked ${asked}` }] });
    return fetch(`http://127.0.0.1:${port}/v1/chat/completions`, { method: 'POST', headers, body });
  }
  let asked = 0;
  const nameOf = (response: Response) => response.headers.get('x-aiproxy-node');
});

describe.skipIf(program === undefined)('what is written for nginx', () => {
  const addresses = ['127.0.0.1:3000', '[::1]:3001', 'localhost:3002'];

  it.each([
    ['upstream alone', nginxUpstream(addresses)],
    ['all', nginxConfiguration({ addresses, listen: 8080 })],
  ])('is taken by nginx -t: %s', (_, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'aiproxy-nginx-test-'));
    const file = join(folder, 'nginx.conf');
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const folders = temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n');
    writeFileSync(file, `pid ${folder}/pid;\nevents {}\nhttp {\naccess_log off;\n${folders}\n${text}\n}\n`);
    const { status, stderr } = spawnSync(program ?? '', ['-t', '-c', file, '-p', folder, '-e', 'stderr']);
    rmSync(folder, { recursive: true });
    expect({ status, stderr: stderr.toString() }).toMatchObject({ status: 0 });
  });

  it('lets WebSockets through', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.on('upgrade', ({ headers }, socket) => {
      socket.end(
        `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${headers.upgrade}\r\n\r\n${headers.connection}`,
      );
    });
    const nginx = await startNginx(program ?? '', (server.address() as AddressInfo).port);
    const call = request({
      port: nginx.port,
      host: '127.0.0.1',
      headers: { connection: 'Upgrade', upgrade: 'websocket' },
    });
    call.end();
    const [answer, socket, head] = (await once(call, 'upgrade')) as [
      { statusCode: number; headers: Record<string, string> },
      NodeJS.ReadableStream,
      Buffer,
    ];
    expect([answer.statusCode, answer.headers['upgrade']]).toEqual([101, 'websocket']);
    let text = head.toString();
    for await (const piece of socket) text += piece.toString();
    expect(text).toBe('upgrade');
    await nginx.stop();
    server.close();
  });
});
