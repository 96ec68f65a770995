import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { isFault, type Fault } from '../../../kit/fault.ts';
import { HttpSeedResolver, type FindAddresses } from '../../../cluster/links/http-seed-resolver.ts';
import { ManualClock } from '../../manual-clock.ts';

const card = {
  node_id: 'n1',
  peer_id: '12D3KooWpeer',
  addresses: ['/ip4/127.0.0.1/tcp/13000/p2p/12D3KooWpeer'],
  version: '1.0.0',
};

const own = { peer_id: '12D3KooWown', instance: 'first' };

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(listener: RequestListener, host = '127.0.0.1'): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

const answering = (value: unknown, status = 200): RequestListener => {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
};

function resolve(seed: string, find?: FindAddresses): Promise<readonly string[] | Fault> {
  return new Promise((done) => new HttpSeedResolver(systemClock, own, find).resolve(seed, done));
}

const faultOf = async (seed: string, find?: FindAddresses) => {
  const result = await resolve(seed, find);
  if (!isFault(result)) throw new Error(`resolved to ${result.join(' ')}`);
  return result;
};

describe('a seed', () => {
  it('that is a multiaddr is dialled as it is', async () => {
    expect(await resolve('/ip4/10.0.0.1/tcp/1')).toEqual(['/ip4/10.0.0.1/tcp/1']);
  });

  it('is asked for its card, by the name that was configured', async () => {
    const requests: Pick<IncomingMessage, 'url' | 'method' | 'headers'>[] = [];
    const port = await listen(({ url, method, headers }, response) => {
      requests.push({ url, method, headers });
      response.end(JSON.stringify(card));
    });
    const result = await resolve(`node.internal:${port}`, (_host, done) => done(null, ['127.0.0.1']));
    expect(result).toEqual(card.addresses);
    expect(requests).toMatchObject([
      { url: '/cluster/peer', method: 'GET', headers: { host: `node.internal:${port}` } },
    ]);
  });

  it('by a DNS name is found as the system finds it', async () => {
    const port = await listen(answering(card));
    expect(await resolve(`localhost:${port}`)).toEqual(card.addresses);
  });

  it('that announces what only its neighbours reach is dialled where it answered as well', async () => {
    const port = await listen(answering({ ...card, addresses: ['/ip4/172.17.0.2/tcp/13000'] }));
    expect(await resolve(`127.0.0.1:${port}`)).toEqual([
      '/ip4/172.17.0.2/tcp/13000/p2p/12D3KooWpeer',
      '/ip4/127.0.0.1/tcp/13000/p2p/12D3KooWpeer',
    ]);
  });

  it('whose name stands for several nodes gives the addresses of all that answer', async () => {
    const port = await listen((request, response) => {
      const peer = request.socket.localAddress === '127.0.0.2' ? 'two' : 'one';
      response.end(JSON.stringify({ ...card, peer_id: peer, addresses: [`/ip4/127.0.0.1/tcp/9/p2p/${peer}`] }));
    }, '0.0.0.0');
    const result = await resolve(`many:${port}`, (_host, done) => done(null, ['127.0.0.1', '127.0.0.2', '127.0.0.3']));
    expect(isFault(result) ? result : result.toSorted()).toEqual(
      expect.arrayContaining(['/ip4/127.0.0.1/tcp/9/p2p/one', '/ip4/127.0.0.1/tcp/9/p2p/two']),
    );
  });
});

describe('a seed that has the key of this node', () => {
  const withKey = { ...card, peer_id: own.peer_id, addresses: [`/ip4/127.0.0.1/tcp/13000/p2p/${own.peer_id}`] };

  it('is this node itself when it is the same process', async () => {
    const port = await listen(answering({ ...withKey, instance: 'first' }));
    expect(await resolve(`127.0.0.1:${port}`)).toEqual(withKey.addresses);
  });

  it('is taken for this node itself when it does not say which process it is', async () => {
    const port = await listen(answering(withKey));
    expect(await resolve(`127.0.0.1:${port}`)).toEqual(withKey.addresses);
  });

  it('is a copy when it is another process, whoever else answers by the name', async () => {
    const port = await listen((request, response) => {
      const isCopy = request.socket.localAddress === '127.0.0.2';
      response.end(JSON.stringify(isCopy ? { ...withKey, instance: 'second' } : card));
    }, '0.0.0.0');
    const fault = await faultOf(`many:${port}`, (_host, done) => done(null, ['127.0.0.1', '127.0.0.2']));
    expect(fault).toMatchObject({
      code: 'node_id_taken',
      message:
        `Seed node many:${port} is another process that runs with this node's key, as n1: a copied data folder? ` +
        'Stop one of the two, or give this one a data folder (--data-dir) of its own.',
    });
  });
});

describe('what is wrong with a seed', () => {
  it('is that its name has no address', async () => {
    const error = Object.assign(new Error('no'), { code: 'ENOTFOUND' });
    const fault = await faultOf('nowhere:1', (_host, done) => done(error, []));
    expect(fault).toMatchObject({
      code: 'seed_unresolvable',
      message: 'The name of seed node nowhere:1 cannot be resolved (ENOTFOUND).',
    });
  });

  it.each(['no-port', 'host:99999', ':1', 'a b'])('is its form: %s', async (seed) => {
    expect(await faultOf(seed, (_host, done) => done(null, []))).toMatchObject({ code: 'seed_unresolvable' });
  });

  it('is that nobody listens', async () => {
    const port = await listen(answering(card));
    await new Promise((done) => servers.pop()?.close(done));
    const fault = await faultOf(`127.0.0.1:${port}`);
    expect(fault).toMatchObject({
      code: 'seed_unreachable',
      message: `Seed node 127.0.0.1:${port} cannot be reached (ECONNREFUSED).`,
    });
  });

  it('is that it takes too long', async () => {
    const clock = new ManualClock();
    const { promise: asked, resolve: heard } = Promise.withResolvers<void>();
    const port = await listen(() => heard());
    const result = new Promise((done) => new HttpSeedResolver(clock, own).resolve(`127.0.0.1:${port}`, done));
    await asked;
    clock.advance(3000);
    expect(await result).toMatchObject({ code: 'seed_unreachable', message: expect.stringContaining('3000 ms') });
  });

  it.each([
    [404, 'Is it aiproxy, started with --cluster-enabled?'],
    [401, 'Something in front of it asks for a key: name the node itself.'],
    [500, 'Is it the HTTP port of aiproxy, started with --cluster-enabled?'],
  ])('is that it answers %i', async (status, advice) => {
    const port = await listen(answering({}, status));
    expect(await faultOf(`127.0.0.1:${port}`)).toMatchObject({
      code: 'seed_not_ours',
      message: `Seed node 127.0.0.1:${port} answers, but not as a member of a mesh: status ${status}, application/json. ${advice}`,
    });
  });

  it.each([
    ['no JSON', '<html>'],
    ['no object', '[]'],
    ['a card of no process', JSON.stringify({ ...card, instance: 7 })],
    ['a card without a peer', JSON.stringify({ ...card, peer_id: '' })],
    ['a card with a node id of any text', JSON.stringify({ ...card, node_id: 'a b' })],
    ['a card with addresses that are none', JSON.stringify({ ...card, addresses: ['http://x'] })],
    ['a card with too many addresses', JSON.stringify({ ...card, addresses: Array.from({ length: 17 }, () => '/x') })],
    ['an answer without end', JSON.stringify({ ...card, more: 'x'.repeat(70_000) })],
  ])('is that it answers with %s', async (_what, text) => {
    const port = await listen((_request, response) => response.end(text));
    expect(await faultOf(`127.0.0.1:${port}`)).toMatchObject({ code: 'seed_not_ours' });
  });

  it('is that it breaks off', async () => {
    const port = await listen((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{', () => response.socket?.destroy());
    });
    expect(await faultOf(`127.0.0.1:${port}`)).toMatchObject({ code: 'seed_unreachable' });
  });
});
