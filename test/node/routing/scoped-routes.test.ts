import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../kit/random.ts';
import { Catalog } from '../../../node/routing/catalog.ts';
import type { PickContext, RouteScope } from '../../../node/routing/contract.ts';
import { Failover } from '../../../node/routing/failover.ts';
import { Groups } from '../../../node/routing/groups.ts';
import { AccountRouter, scopedRoutesMax } from '../../../node/routing/router.ts';
import { at, pool } from '../accounts/pool.ts';

function routing(algorithm: string, maxConcurrency = 1_000) {
  const made = pool([{ maxConcurrency }, { maxConcurrency }, { maxConcurrency }]);
  const { accounts, clock } = made;
  const catalog = new Catalog({ accounts, providers: ['openai-custom'] });
  const parts = { accounts, clock, catalog, groups: new Groups(), failover: new Failover(), random: seededRandom(3) };
  const router = new AccountRouter({ ...parts, algorithm });
  const pick = (scope: RouteScope, model = 'm') => {
    const route = router.route(model, scope);
    const context: PickContext = { nowMs: clock.nowMs(), model, clientAddress: '10.0.0.1', affinity: 0, tried: [] };
    return router.pick(route, context);
  };
  return { ...made, router, pick };
}

const scopeOf = (key: number, accounts = ['a0', 'a1', 'a2']): RouteScope => ({
  key: `key${key}`,
  accounts: new Set(accounts),
});

describe('routes of keys with accounts of their own', () => {
  it('stay ready for thousands of keys and models, and each goes on where it was', () => {
    const { router, pick } = routing('round_robin');
    const scopes = Array.from({ length: 512 }, (_, key) => scopeOf(key));
    const models = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'];
    const routes = scopes.map((scope) => models.map((model) => router.route(model, scope)));
    const turns = ['a0', 'a1', 'a2', 'a0'];
    for (const expected of turns) for (const scope of scopes) expect(pick(scope, 'm0')?.id).toBe(expected);
    for (const [index, scope] of scopes.entries()) {
      expect(models.every((model, place) => router.route(model, scope) === routes[index]?.[place])).toBe(true);
    }
    expect(router.routeCount).toBe(scopedRoutesMax);
  });

  it('are bounded, and push out no route of the others', () => {
    const { router } = routing('round_robin');
    const plain = router.route('m');
    const provider = router.routeProvider('openai-custom');
    for (let key = 0; key < scopedRoutesMax * 2; key++) {
      router.route('m', scopeOf(key));
      router.routeProvider('openai-custom', scopeOf(key));
    }
    expect(router.route('m')).toBe(plain);
    expect(router.routeProvider('openai-custom')).toBe(provider);
    expect(router.routeCount).toBe(scopedRoutesMax + 1);
  });

  it.each(['round_robin', 'least_requests', 'health_best', 'ip_hash', 'prompt_affinity'])(
    'hear of changes when they are asked, however many they missed (%s)',
    (algorithm) => {
      const { all, clock, pick } = routing(algorithm, 1);
      const scope = scopeOf(1);
      pick(scope);
      const take = (index: number) => at(all, index).begin(clock.nowMs(), 'm');
      for (const missed of [0, 1, 2, 3, 511, 512, 513, 2_000]) {
        for (let turn = 0; turn < missed; turn++) take(turn % 2)?.release();
        const taken = [take(0), take(1)];
        expect(pick(scope)?.id).toBe('a2');
        taken.push(take(2));
        expect(pick(scope)).toBeUndefined();
        taken[missed % 2]?.release();
        expect(pick(scope)?.id).toBe(`a${missed % 2}`);
        for (const attempt of taken) attempt?.release();
      }
    },
  );
});
