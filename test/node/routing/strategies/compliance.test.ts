import { expect, test } from 'vitest';
import { seededRandom } from '../../../../kit/random.ts';
import { StrategyRegistry } from '../../../../node/routing/registry.ts';
import { strategySuite } from '../../../suites/strategy.ts';

const registry = new StrategyRegistry(seededRandom(7));

for (const factory of registry.factories) strategySuite(factory.name, (accounts) => factory.create(accounts));

test('every name that users type is known, and others are refused with what is allowed', () => {
  const names = [
    ['round_robin', 'round_robin'],
    ['weighted_round_robin', 'weighted_round_robin'],
    ['weighted', 'weighted_round_robin'],
    ['least_requests', 'least_requests'],
    ['least_connections', 'least_requests'],
    ['least_used', 'least_used'],
    ['random', 'random'],
    ['ip_hash', 'ip_hash'],
    ['health_best', 'health_best'],
    ['peak_ewma', 'peak_ewma'],
    ['prompt_affinity', 'prompt_affinity'],
  ] as const;
  for (const [typed, name] of names) expect(registry.get(typed).name).toBe(name);
  expect(() => registry.get('fastest')).toThrow(expect.objectContaining({ code: 'unknown_strategy', status: 400 }));
  expect(() => registry.get('fastest')).toThrow('weighted_round_robin');
});
