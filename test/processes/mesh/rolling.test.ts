import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openaiAccount } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';
import { processKey } from '../node-process.ts';
import { MeshClient } from './mesh-client.ts';
import { startMesh, type MeshOfProcesses } from './mesh-of-processes.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const streamed = 'text=20,slow=20';
let upstream: Upstream;
let mesh: MeshOfProcesses;
let client: MeshClient;

beforeAll(async () => {
  upstream = await start();
  const accounts = [openaiAccount(upstream, 'work', { models: ['work', streamed] })];
  mesh = await startMesh({ count: 3, isMeshOn: true, settings: { accounts } });
  client = new MeshClient(mesh);
});
afterAll(async () => {
  await mesh.stop();
  await upstream.close();
});

/** One request on a connection of its own; undefined when the connection was refused, so that nothing was sent. */
function post(port: number, body: unknown): Promise<{ status: number; text: string } | undefined> {
  return new Promise((done, fail) => {
    const headers = { authorization: `Bearer ${processKey}`, 'content-type': 'application/json' };
    const options = { host: '127.0.0.1', port, path: '/v1/chat/completions', method: 'POST', headers, agent: false };
    const call = request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('end', () => done({ status: answer.statusCode ?? 0, text }));
      answer.on('error', fail);
    });
    call.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNREFUSED' ? done(undefined) : fail(error)));
    call.end(JSON.stringify(body));
  });
}

/** Clients that ask one node after another, and the next one where a connection is refused. */
class Load {
  served = 0;
  readonly lost: string[] = [];
  readonly #over = new AbortController();
  readonly #clients: Promise<void>[];

  constructor(ports: readonly number[], clientCount: number) {
    this.#clients = Array.from({ length: clientCount }, (_, n) => this.#ask(ports, n));
  }

  async end(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#clients);
  }

  async #ask(ports: readonly number[], first: number): Promise<void> {
    for (let n = first; !this.#over.signal.aborted; n++) {
      const isStream = n % 2 === 0;
      const messages = [{ role: 'user', content: `rolling ${first}.${n}` }];
      const body = isStream ? { model: streamed, stream: true, messages } : { model: 'work', messages };
      try {
        const answer = await post(ports[n % ports.length]!, body);
        if (answer === undefined) continue;
        const isWhole = answer.status === 200 && (!isStream || answer.text.includes('[DONE]'));
        if (isWhole) this.served++;
        else this.lost.push(`${answer.status} ${answer.text.slice(0, 200)}`);
      } catch (error) {
        this.lost.push(String(error));
      }
    }
  }
}

describe('a rolling restart of all nodes', () => {
  it('loses no request and no stream, hands over leadership, and keeps every vote', async () => {
    const load = new Load(mesh.ports, 6);
    const { term } = await mesh.status(0);
    for (const index of [0, 1, 2]) {
      const { served } = load;
      client.node(index).signal('SIGTERM');
      expect(await client.node(index).exited).toBe(0);
      const leaders = await Promise.all(
        [0, 1, 2].filter((other) => other !== index).map((other) => mesh.status(other)),
      );
      for (const { leader } of leaders) expect(leader).not.toBe(mesh.ids[index]);
      await mesh.restart(index);
      await mesh.whole();
      expect(load.served).toBeGreaterThan(served);
    }
    await load.end();
    expect(load.lost).toEqual([]);
    for (const index of [0, 1, 2]) {
      const status = await mesh.status(index);
      expect([...status.voters].sort()).toEqual(mesh.ids);
      expect(status.term).toBeGreaterThan(term);
    }
  });
});
