import { expect } from 'vitest';
import type { Upstream } from '../../upstream/upstream.ts';
import { openaiAccount } from '../../running-node.ts';
import type { MeshClient } from './mesh-client.ts';
import { until } from './mesh-of-processes.ts';

/** What a user can count on, each as a scenario that rejects when it does not hold. */
export interface MeshPromise {
  readonly name: string;
  run(client: MeshClient, upstream: Upstream): Promise<void>;
}

/** A state that travels at once: far above what it takes, so that a busy machine is no failure. */
const travelMs = 3000;

export function meshSettings(upstream: Upstream): Record<string, unknown> {
  const account = (id: string, models: string[], script = '') => openaiAccount(upstream, id, { models }, script);
  return {
    trusted_proxies: ['127.0.0.1'],
    cache: { enabled: true },
    limits: { retry_attempts: 1 },
    affinity: 'off',
    accounts: [
      account('failing', ['failing'], '500'),
      account('limited', ['limited'], '429=60'),
      account('switched', ['switched']),
      account('left', ['pair', 'left-only']),
      account('right', ['pair']),
      account('slow-left', ['slow-pair', 'slow-left-only'], 'delay=4000'),
      account('slow-right', ['slow-pair'], 'delay=4000'),
      ...[1, 2, 3, 4].map((n) => account(`hash-${n}`, ['hashed'])),
      account('cached', ['cached']),
    ],
  };
}

export const meshPromises: readonly MeshPromise[] = [
  {
    name: 'a breaker opened on one node is respected by all, and a reset on another closes it for all',
    async run(client) {
      for (let failure = 0; failure < 5; failure++) await client.ask(0, 'failing', { prompt: `failure ${failure}` });
      expect(await client.breakerOf(0, 'failing')).toBe(true);
      for (const other of [1, 2]) await until(() => client.breakerOf(other, 'failing'), travelMs, `open at ${other}`);
      await client.manage(2, 'POST', '/accounts/failing/reset');
      for (const node of [0, 1, 2]) expect(await client.breakerOf(node, 'failing')).toBe(false);
    },
  },
  {
    name: 'an account that must rest after a 429 rests on every node',
    async run(client) {
      await client.ask(0, 'limited');
      // Whether the whole account rests or the model alone is the upstream's to say.
      const rests = async (node: number) =>
        /"rests_until":"/.test(JSON.stringify(await client.json(node, '/accounts/limited')));
      for (const other of [1, 2]) await until(() => rests(other), travelMs, `rests at ${other}`);
    },
  },
  {
    name: 'an account disabled on one node is disabled on all once the call is answered',
    async run(client) {
      await client.manage(1, 'POST', '/accounts/switched/disable');
      for (const node of [0, 1, 2]) expect((await client.ask(node, 'switched')).status).toBe(503);
      await client.manage(2, 'POST', '/accounts/switched/enable');
      for (const node of [0, 1, 2]) expect((await client.ask(node, 'switched')).status).toBe(200);
    },
  },
  {
    name: 'an account made on one node serves on all, and is gone from all',
    async run(client, upstream) {
      await client.manage(0, 'POST', '/accounts', openaiAccount(upstream, 'made', { models: ['made'] }));
      for (const node of [0, 1, 2])
        expect(await client.ask(node, 'made', { prompt: `at ${node}` })).toMatchObject({
          status: 200,
          account: 'made',
        });
      await client.manage(2, 'DELETE', '/accounts/made');
      for (const node of [0, 1, 2]) expect((await client.node(node).fetch('/accounts/made')).status).toBe(404);
    },
  },
  {
    name: 'the strategy chosen on one node is that of all',
    async run(client) {
      await client.manage(0, 'PUT', '/loadbalancer/algorithm', { algorithm: 'round_robin' });
      for (const node of [0, 1, 2])
        expect(await client.json(node, '/accounts/stats')).toMatchObject({ strategy: 'round_robin' });
    },
  },
  {
    name: 'least_requests goes where the whole cluster has least in flight',
    async run(client) {
      for (const node of [0, 1, 2])
        await client.manage(node, 'PUT', '/loadbalancer/algorithm', { algorithm: 'least_requests' });
      const busy = [0, 2].flatMap((node) =>
        Array.from({ length: 6 }, (_, n) =>
          client.ask(node, 'slow-left-only', { prompt: `busy ${n}`, headers: noStore }),
        ),
      );
      const seen = async () => Number((await client.json(1, '/accounts/slow-left'))['remote_in_flight']) >= 12;
      try {
        await until(seen, 3000, 'what is in flight elsewhere is known here');
        const answers = await Promise.all(
          Array.from({ length: 10 }, (_, n) => client.ask(1, 'slow-pair', { prompt: `more ${n}`, headers: noStore })),
        );
        expect(answers.filter(({ account }) => account === 'slow-right').length).toBeGreaterThanOrEqual(9);
      } finally {
        await Promise.all(busy);
      }
    },
  },
  {
    name: 'least_used goes where the whole cluster has asked least',
    async run(client) {
      for (const node of [0, 1, 2])
        await client.manage(node, 'PUT', '/loadbalancer/algorithm', { algorithm: 'least_used' });
      for (let n = 0; n < 12; n++) await client.ask(n % 2, 'left-only', { prompt: `used ${n}`, headers: noStore });
      await until(() => servedElsewhere(client), travelMs, 'what was served elsewhere is known here');
      const answers: string[] = [];
      for (let n = 0; n < 10; n++)
        answers.push((await client.ask(2, 'pair', { prompt: `even ${n}`, headers: noStore })).account);
      expect(answers).toEqual(Array.from({ length: 10 }, () => 'right'));
    },
  },
  {
    name: 'ip_hash gives a client the same account from every node, and an account that goes moves only its own clients',
    async run(client) {
      for (const node of [0, 1, 2])
        await client.manage(node, 'PUT', '/loadbalancer/algorithm', { algorithm: 'ip_hash' });
      const before = await Promise.all([0, 1, 2].map((node) => accountsByClient(client, node)));
      expect(before[1]).toEqual(before[0]);
      expect(before[2]).toEqual(before[0]);
      await client.manage(0, 'POST', '/accounts/hash-2/disable');
      try {
        const after = await Promise.all([0, 1, 2].map((node) => accountsByClient(client, node)));
        expect(after[1]).toEqual(after[0]);
        expect(after[2]).toEqual(after[0]);
        const moved = after[0]!.filter((account, index) => account !== before[0]![index]);
        expect(moved.length).toBe(before[0]!.filter((account) => account === 'hash-2').length);
      } finally {
        await client.manage(0, 'POST', '/accounts/hash-2/enable');
      }
    },
  },
  {
    name: 'an answer that one node has cached is a hit on every node',
    async run(client) {
      expect((await client.ask(0, 'cached', { prompt: 'once' })).cache).toBe('miss');
      for (const node of [1, 2]) {
        // The key's owner was told of it and has it itself.
        expect(['peer', 'hit']).toContain((await client.ask(node, 'cached', { prompt: 'once' })).cache);
      }
      for (const node of [0, 1, 2]) expect((await client.ask(node, 'cached', { prompt: 'once' })).cache).toBe('hit');
    },
  },
  {
    name: 'a cache cleared on one node serves no older entry on any once the call is answered',
    async run(client) {
      for (const node of [0, 1, 2]) await client.ask(node, 'cached', { prompt: 'to be cleared' });
      for (const node of [0, 1, 2])
        expect((await client.ask(node, 'cached', { prompt: 'to be cleared' })).cache).toBe('hit');
      await client.manage(1, 'DELETE', '/cache/clear');
      expect((await client.ask(2, 'cached', { prompt: 'to be cleared' })).cache).toBe('miss');
      expect((await client.ask(0, 'cached', { prompt: 'to be cleared' })).cache).not.toBe('hit');
    },
  },
];

const noStore = { 'cache-control': 'no-store' };

async function accountsByClient(client: MeshClient, node: number): Promise<string[]> {
  const addresses = Array.from({ length: 24 }, (_, n) => `198.51.100.${n + 1}`);
  const answers = await Promise.all(
    addresses.map((address) => client.ask(node, 'hashed', { headers: { ...noStore, 'x-forwarded-for': address } })),
  );
  return answers.map(({ account }) => account);
}

/** A first choice between the pair tells nothing; the counters of the others do. */
async function servedElsewhere(client: MeshClient): Promise<boolean> {
  const answer = await client.json(2, '/accounts/left');
  return Number(answer['remote_served'] ?? 0) >= 12;
}
