import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../kit/random.ts';
import type { HeldToken } from '../../../node/tokens/contract.ts';
import { ManualClock } from '../../manual-clock.ts';
import { FakeCluster } from './fake-cluster.ts';
import { FakeService, pass, settle, tokenNode, type TokenNode } from './token-node.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const seeds = Array.from({ length: 60 }, (_, seed) => seed + 1);

/** Five nodes, an hour of misfortunes every few seconds, and a token that lives half a minute. */
class Chaos {
  readonly clock = new ManualClock();
  readonly cluster = new FakeCluster(this.clock);
  readonly service = new FakeService();
  readonly nodes = new Map<string, TokenNode>();
  readonly disks = new Map<string, Map<string, HeldToken>>(names.map((name) => [name, new Map()]));
  readonly #random: ReturnType<typeof seededRandom>;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.service.lifetimeMs = 30_000;
  }

  async start(): Promise<void> {
    for (const name of names) await this.boot(name);
    this.cluster.elect('a');
    await settle();
  }

  async boot(name: string): Promise<void> {
    this.nodes.set(name, await tokenNode(this.cluster, name, this.service, { disk: this.disks.get(name)! }));
  }

  /** Nothing in it loses an answer: nobody dies while one is awaited, and no cut outlives the doubt. */
  async misfortune(): Promise<void> {
    const name = names[this.#random.below(names.length)]!;
    const member = this.cluster.members.get(name)!;
    switch (this.#random.below(8)) {
      case 0:
        return this.cluster.elect(this.#connected(name));
      case 1:
        return this.cluster.elect(undefined);
      case 2:
        this.cluster.cut(name);
        if (this.cluster.leader === name) this.cluster.elect(undefined);
        await pass(this.clock, this.#random.below(15_000));
        return this.cluster.heal(name);
      case 3:
        member.mayBegin = false;
        await pass(this.clock, this.#random.below(20_000));
        member.mayBegin = true;
        return;
      case 4:
        this.service.mode = 'hold';
        await pass(this.clock, this.#random.below(25_000));
        if (this.#random.below(2) === 0) this.cluster.elect(this.#connected(name));
        this.service.mode = 'answer';
        return this.service.release();
      case 5:
        this.service.mode = 'unreachable';
        await pass(this.clock, this.#random.below(20_000));
        this.service.mode = 'answer';
        return;
      case 6: {
        const { source } = this.nodes.get(name)!;
        void source.refused(source.current() ?? '');
        return;
      }
      default:
        return this.#restart(name);
    }
  }

  /** A clean stop waits for what is under way. Records stay, as does the disk. */
  async #restart(name: string): Promise<void> {
    const stopped = this.nodes.get(name)!.coordinator.stop();
    await pass(this.clock, 1_000);
    await stopped;
    this.cluster.kill(name);
    await this.boot(name);
    this.cluster.heal(name);
  }

  #connected(name: string): string {
    return this.cluster.members.get(name)!.isCut ? 'a' : name;
  }
}

describe('an hour of elections, cuts, freezes, restarts and slow answers', () => {
  test.each(seeds)('seed %i: no refresh token is spent twice, and in the end all have the newest', async (seed) => {
    const chaos = new Chaos(seed);
    await chaos.start();
    while (chaos.clock.monotonicMs() < 3_600_000) {
      await chaos.misfortune();
      await pass(chaos.clock, 5_000);
    }
    for (const name of names) chaos.cluster.heal(name);
    chaos.cluster.elect('c');
    await pass(chaos.clock, 120_000);
    const { service, nodes } = chaos;
    expect([service.reuses, service.isRevoked]).toEqual([0, false]);
    expect(new Set(service.received).size).toBe(service.received.length);
    // It went on refreshing through all of it.
    expect(service.received.length).toBeGreaterThan(60);
    const current = [...nodes.values()].map(({ source }) => source.current());
    expect(new Set(current).size).toBe(1);
    expect([...nodes.values()].every(({ source }) => source.isUsable)).toBe(true);
  });
});

describe('the same with answers that are lost', () => {
  test('ends in one login that is said to be lost, with one reuse and not more', async () => {
    for (const seed of seeds.slice(0, 10)) {
      const chaos = new Chaos(seed);
      await chaos.start();
      await pass(chaos.clock, 60_000);
      chaos.service.mode = 'lose';
      await pass(chaos.clock, 30_000);
      chaos.service.mode = 'answer';
      for (let count = 0; count < 60; count++) {
        await chaos.misfortune();
        await pass(chaos.clock, 5_000);
      }
      await pass(chaos.clock, 120_000);
      expect(chaos.service.reuses, `seed ${seed}`).toBe(1);
      const lost = [...chaos.nodes.values()].map(({ coordinator }) => coordinator.reading('q1')?.needsLogin?.isLost);
      expect(lost, `seed ${seed}`).toEqual(names.map(() => true));
    }
  });
});
