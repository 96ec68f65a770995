import type { Random } from '../../kit/random.ts';
import type { StrategyFactory } from './contract.ts';
import { routingFaults } from './faults.ts';
import { First } from './strategies/first.ts';
import { HealthBest } from './strategies/health-best.ts';
import { IpHash } from './strategies/ip-hash.ts';
import { LeastRequests } from './strategies/least-requests.ts';
import { LeastUsed } from './strategies/least-used.ts';
import { PeakEwma } from './strategies/peak-ewma.ts';
import { PromptAffinity } from './strategies/prompt-affinity.ts';
import { RandomChoice } from './strategies/random-choice.ts';
import { RoundRobin } from './strategies/round-robin.ts';
import { WeightedRoundRobin } from './strategies/weighted-round-robin.ts';

/** Every strategy by its names. */
export class StrategyRegistry {
  readonly factories: readonly StrategyFactory[];
  readonly #byName = new Map<string, StrategyFactory>();

  constructor(random: Random) {
    this.factories = [
      { name: 'round_robin', create: (among) => new RoundRobin(among) },
      { name: 'weighted_round_robin', aliases: ['weighted'], create: (among) => new WeightedRoundRobin(among) },
      { name: 'least_requests', aliases: ['least_connections'], create: (among) => new LeastRequests(among, random) },
      { name: 'least_used', create: (among) => new LeastUsed(among) },
      { name: 'random', create: (among) => new RandomChoice(among, random) },
      { name: 'ip_hash', create: (among) => new IpHash(among) },
      { name: 'health_best', create: (among) => new HealthBest(among) },
      { name: 'peak_ewma', create: (among) => new PeakEwma(among, random) },
      { name: 'prompt_affinity', create: (among) => new PromptAffinity(among) },
      { name: 'first', create: (among) => new First(among) },
    ];
    for (const factory of this.factories) {
      for (const name of [factory.name, ...(factory.aliases ?? [])]) this.#byName.set(name, factory);
    }
  }

  /** By name or alias. Throws `unknown_strategy` with the names there are. */
  get(name: string): StrategyFactory {
    const factory = this.#byName.get(name);
    if (factory !== undefined) return factory;
    const allowed = [...this.#byName.keys()].join(', ');
    throw routingFaults.unknown_strategy(`algorithm: must be one of ${allowed}`, { field: 'algorithm' });
  }
}
