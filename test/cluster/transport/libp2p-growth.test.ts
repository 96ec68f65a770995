import type { Libp2p } from 'libp2p';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { TransportRecorder } from '../../suites/transport-recorder.ts';
import { Libp2pNetwork, until } from './libp2p-network.ts';

const nodes: Libp2p[] = [];

// The node inside the transport is nobody's business but this test's.
vi.mock(import('libp2p'), async (load) => {
  const libp2p = await load();
  const createLibp2p = (async (options) => {
    const node = await libp2p.createLibp2p(options);
    nodes.push(node);
    return node;
  }) as typeof libp2p.createLibp2p;
  return { ...libp2p, createLibp2p };
});

describe('a node that others join and leave', () => {
  const network = new Libp2pNetwork();
  afterEach(() => network.end());

  test('keeps nothing of 200 that came and were killed', async () => {
    const host = network.create('host');
    const heard = new TransportRecorder();
    await host.start(heard);
    const address = host.addresses()[0] ?? '';
    for (let cycle = 0; cycle < 200; cycle++) {
      const guest = network.create(`guest ${cycle}`);
      await guest.start(new TransportRecorder());
      guest.dial(address, () => undefined);
      await until(() => heard.opens.length > cycle);
      if (cycle % 2 === 0)
        for (const connection of nodes.at(-1)?.getConnections() ?? []) connection.abort(new Error('killed'));
      await guest.stop();
      await until(() => heard.closes.length > cycle);
    }
    const node = nodes[0];
    expect(node?.getConnections()).toEqual([]);
    await vi.waitUntil(async () => ((await node?.peerStore.all()) ?? []).length <= 1, { timeout: 10_000 });
    const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap');
    expect(sockets).toEqual([]);
  });

  test('keeps nothing of those that it could not reach', async () => {
    const host = network.create('host');
    await host.start(new TransportRecorder());
    const node = nodes.at(-1);
    const empty = await network.emptyAddress();
    let failed = 0;
    for (let index = 0; index < 30; index++) {
      host.dial(`${empty}/p2p/${network.create(`nobody ${index}`).self}`, () => failed++);
    }
    await until(() => failed === 30);
    await vi.waitUntil(async () => ((await node?.peerStore.all()) ?? []).length <= 1, { timeout: 10_000 });
  });

  test('comes down to one connection when two dial each other at once', async () => {
    const ends = ['one', 'other'].map((name) => network.create(name));
    const heard = new TransportRecorder();
    const first = nodes.length;
    for (const end of ends) await end.start(heard);
    const [one, other] = ends;
    one?.dial(other?.addresses()[0] ?? '', () => undefined);
    other?.dial(one?.addresses()[0] ?? '', () => undefined);
    const connections = () => nodes.slice(first).map((node) => node.getConnections().length);
    await until(() => heard.opens.length === 2 && connections().every((count) => count === 1));
    expect(heard.opens).toHaveLength(2);
    expect(heard.closes).toEqual([]);
    const [left] = nodes[first]?.getConnections() ?? [];
    const lower = (one?.self ?? '') < (other?.self ?? '') ? 'outbound' : 'inbound';
    expect(left?.direction).toBe(lower);
  });
});
