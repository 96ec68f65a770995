/** The nginx block of the README, with the real nginx between clients and a node. */
import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../programs.ts';
import { openaiAccount } from '../running-node.ts';
import { start, type Upstream } from '../upstream/upstream.ts';
import { ConnectionCounter } from './connection-counter.ts';
import { type NodeProcess, processKey, startNodeProcess } from './node-process.ts';
import { type RunningNginx, startNginx } from './nginx.ts';

const program = findProgram('nginx');

/** The node's default `body_limit`, bytes. */
const bodyLimit = 32_000_000;

describe.skipIf(program === undefined)('behind nginx', () => {
  let upstream: Upstream;
  let node: NodeProcess;
  let nginx: RunningNginx;
  const front = (nodePort: number | string) => startNginx(program ?? '', Number(nodePort));

  beforeAll(async () => {
    upstream = await start();
    node = await startNodeProcess({
      accounts: fourAccounts(upstream),
      load_balancer: { algorithm: 'ip_hash' },
      trusted_proxies: ['127.0.0.1'],
    });
    nginx = await front(new URL(node.url).port);
  });
  afterAll(async () => {
    await nginx.stop();
    await node.stop();
    await upstream.close();
  });

  it.each([1, 3])('hands on a stream event by event: %i read while the upstream waits with the next', async (count) => {
    const remove = upstream.script(`text=9,stall-after=${count}`);
    const answer = await post(nginx.port, { stream: true });
    const text = await readUntil(answer, (all) => all.split('"content":"').length > count);
    expect(text).not.toContain('[DONE]');
    expect(upstream.totals.inFlight).toBe(1);
    const aborted = upstream.totals.aborted;
    answer.destroy();
    await upstream.until(({ totals }) => totals.aborted === aborted + 1);
    remove();
  });

  it('ends the upstream call when a client leaves before the first byte', async () => {
    const remove = upstream.script('silent');
    const { aborted, requests } = upstream.totals;
    const call = open(nginx.port);
    call.on('error', () => undefined);
    call.end(JSON.stringify(chat));
    await upstream.until(({ totals }) => totals.requests > requests && totals.inFlight === 1);
    call.destroy();
    await upstream.until(({ totals }) => totals.aborted === aborted + 1);
    remove();
  });

  it('tells a trusting node who the client is: the same account as without nginx', async () => {
    const direct: (string | undefined)[] = [];
    for (const address of clients) direct.push(await accountOf(Number(new URL(node.url).port), address));
    expect(new Set(direct).size).toBeGreaterThan(1);
    for (const [index, address] of clients.entries()) {
      expect(await accountOf(nginx.port, address)).toBe(direct[index]);
      // What the client itself claims stands left of what nginx saw, and counts for nothing.
      expect(await accountOf(nginx.port, address, { 'x-forwarded-for': clients[0] })).toBe(direct[index]);
    }
  });

  it('tells a node that trusts nobody nothing: all clients are nginx', async () => {
    const wary = await startNodeProcess({
      accounts: fourAccounts(upstream),
      load_balancer: { algorithm: 'ip_hash' },
    });
    const before = await front(new URL(wary.url).port);
    const seen = new Set<string | undefined>();
    for (const address of clients) seen.add(await accountOf(before.port, address));
    await before.stop();
    await wary.stop();
    expect(seen.size).toBe(1);
  });

  it('lets the largest body through that the node takes', async () => {
    const remove = upstream.script('say=ok');
    const answer = await post(nginx.port, bodyOf(bodyLimit));
    expect(answer.statusCode).toBe(200);
    expect(await readUntil(answer, () => false)).toContain('"ok"');
    expect(upstream.requests.at(-1)?.body.length).toBe(bodyLimit);
    remove();
  });

  it('leaves it to the node to refuse the next larger one, in the words of the protocol', async () => {
    const answer = await post(nginx.port, bodyOf(bodyLimit + 1));
    expect(answer.statusCode).toBe(413);
    expect(JSON.parse(await readUntil(answer, () => false))).toMatchObject({ error: { code: 'body_too_large' } });
  });

  it('refuses by itself what is larger than both allow, before the body is sent', async () => {
    const call = open(nginx.port, { 'content-length': String(32 * 1024 * 1024 + 1) });
    call.flushHeaders();
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(413);
    expect(answer.headers['server']).toMatch(/^nginx/);
    call.on('error', () => undefined).destroy();
  });

  it('uses its connections to the node again', async () => {
    const counter = new ConnectionCounter(Number(new URL(node.url).port));
    const counted = await front(await counter.start());
    for (let turn = 0; turn < 10; turn++) {
      const answer = await post(counted.port, { stream: turn % 2 === 0 });
      expect(answer.statusCode).toBe(200);
      await readUntil(answer, () => false);
    }
    await counted.stop();
    counter.stop();
    expect(counter.opened).toBe(1);
  });

  /** The key of the account that the node chose for a client at this address of the loopback. */
  async function accountOf(port: number, localAddress: string, headers: Record<string, string | undefined> = {}) {
    const answer = await post(port, {}, headers, localAddress);
    expect(answer.statusCode).toBe(200);
    await readUntil(answer, () => false);
    return upstream.requests.at(-1)?.key;
  }
});

const chat = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] };
const clients = Array.from({ length: 12 }, (_, index) => `127.0.0.${index + 2}`);

function fourAccounts(upstream: Upstream): Record<string, unknown>[] {
  return [1, 2, 3, 4].map((number) => openaiAccount(upstream, `a${number}`, { api_key: `sk-upstream-${number}` }));
}

/** A request of exactly so many bytes. */
function bodyOf(sizeBytes: number): string {
  const empty = JSON.stringify({ ...chat, messages: [{ role: 'user', content: '' }] });
  return empty.replace('"content":""', `"content":"${'x'.repeat(sizeBytes - empty.length)}"`);
}

function open(port: number, headers: Record<string, string | undefined> = {}, localAddress = '127.0.0.1') {
  return httpRequest({
    host: '127.0.0.1',
    port,
    path: '/v1/chat/completions',
    method: 'POST',
    agent: false,
    localAddress,
    headers: { authorization: `Bearer ${processKey}`, 'content-type': 'application/json', ...headers },
  });
}

async function post(
  port: number,
  body: Record<string, unknown> | string,
  headers: Record<string, string | undefined> = {},
  localAddress?: string,
): Promise<IncomingMessage> {
  const call = open(port, headers, localAddress);
  call.end(typeof body === 'string' ? body : JSON.stringify({ ...chat, ...body }));
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  return answer;
}

/** Reads on until the text is enough or the answer is over; leaves the answer open. */
async function readUntil(answer: IncomingMessage, isEnough: (text: string) => boolean): Promise<string> {
  let text = '';
  for await (const piece of answer.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    text += piece.toString();
    if (isEnough(text)) break;
  }
  return text;
}
