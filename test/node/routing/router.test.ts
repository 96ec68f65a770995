import { expect, test } from 'vitest';
import { seededRandom } from '../../../kit/random.ts';
import type { Attempt } from '../../../node/accounts/contract.ts';
import type { AccountDefinition } from '../../../node/accounts/definition.ts';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import { AffinityMap } from '../../../node/routing/affinity.ts';
import { Catalog } from '../../../node/routing/catalog.ts';
import type { PickContext } from '../../../node/routing/contract.ts';
import { Failover } from '../../../node/routing/failover.ts';
import { Groups, type GroupDefinition } from '../../../node/routing/groups.ts';
import { AccountRouter, routesMax, type RouterOptions } from '../../../node/routing/router.ts';
import { at, pool } from '../accounts/pool.ts';

const broken = protocolFaults.upstream_error('x');
const limited = (retryAfterMs: number) => protocolFaults.upstream_rate_limited('x', { retryAfterMs });

function routing(
  definitions: number | Partial<AccountDefinition>[],
  groupList: GroupDefinition[] = [],
  options: Partial<RouterOptions> = {},
) {
  const made = pool(definitions);
  const groups = new Groups();
  for (const group of groupList) groups.set(group);
  const catalog = new Catalog({ accounts: made.accounts, providers: ['openai-custom', 'oci'] });
  const failover = new Failover();
  const { accounts, clock } = made;
  const base = { accounts, clock, groups, catalog, failover, random: seededRandom(3) };
  const router = new AccountRouter({ ...base, ...options });
  const facts = (over: Partial<PickContext> = {}): PickContext => ({
    nowMs: clock.nowMs(),
    model: 'm',
    clientAddress: '10.0.0.1',
    affinity: 0,
    tried: [],
    ...over,
  });
  const pick = (over?: Partial<PickContext>) => router.pick(router.route('m'), facts(over));
  return { ...made, groups, catalog, failover, router, facts, pick };
}

const tiers: GroupDefinition[] = [
  { name: 'p', priority: 'primary' },
  { name: 's', priority: 'secondary' },
  { name: 'f', priority: 'fallback' },
];

test('a route is prepared once and made anew after a change', () => {
  const { router, accounts } = routing(2);
  const route = router.route('m');
  expect(router.route('m')).toBe(route);
  accounts.disable('a0');
  const next = router.route('m');
  expect(next.accounts.map(({ id }) => id)).toEqual(['a1']);
  expect(router.route('m')).toBe(next);
});

test('a strategy whose candidates did not change goes on where it was', () => {
  const { router, pick, accounts } = routing(3, [], { algorithm: 'round_robin' });
  expect([pick()?.id, pick()?.id]).toEqual(['a0', 'a1']);
  accounts.update('a2', { maxConcurrency: 5 });
  expect(pick()?.id).toBe('a2');
  accounts.update('a2', { weight: 99 });
  expect(pick()?.id).toBe('a0');
  expect(router.algorithm).toBe('round_robin');
});

test('the algorithm changes at run time, by name or alias; a group’s own stays', () => {
  const { router } = routing([{ group: 'x' }, {}], [{ name: 'x', priority: 'primary', strategy: 'ip_hash' }]);
  expect(router.algorithm).toBe('weighted_round_robin');
  router.algorithm = 'least_connections';
  expect(router.algorithm).toBe('least_requests');
  expect(router.route('m').groups.map((group) => group.factory.name)).toEqual(['ip_hash', 'least_requests']);
  expect(() => (router.algorithm = 'x')).toThrow(expect.objectContaining({ code: 'unknown_strategy' }));
  expect(router.algorithm).toBe('least_requests');
});

test('primary serves; a request that it cannot serve spills over to the next, and on', () => {
  const { pick, accounts, all, clock } = routing(
    [{ group: 'f' }, { group: 's' }, { group: 'p', maxConcurrency: 1 }],
    tiers,
  );
  expect(pick()?.id).toBe('a2');
  const place = at(all, 2).begin(clock.nowMs(), 'm');
  expect(pick()?.id).toBe('a1');
  expect(pick({ tried: [at(all, 1)] })?.id).toBe('a0');
  place?.release();
  expect(pick()?.id).toBe('a2');
  accounts.disable('a2');
  expect(pick()?.id).toBe('a1');
});

test('after a failover the secondary serves first, although primary could', () => {
  const { pick, failover, clock } = routing([{ group: 'p' }, { group: 's' }], tiers);
  failover.switchTo('secondary', clock.nowMs());
  expect(pick()?.id).toBe('a1');
  failover.policy = { ...failover.policy, autoFailover: false };
  failover.switchTo('fallback', clock.nowMs());
  expect(pick()).toBeUndefined();
});

test('groups of equal priority share by their number of accounts, and stick together with ip_hash', () => {
  const { pick, router } = routing([{ group: 'x' }, { group: 'x' }, { group: 'x' }, { group: 'y' }]);
  const counts = new Map<string, number>();
  for (let each = 0; each < 400; each++) {
    const id = pick()?.id ?? '';
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  expect(Object.fromEntries(counts)).toEqual({ a0: 100, a1: 100, a2: 100, a3: 100 });
  router.algorithm = 'ip_hash';
  const seen = new Set<string | undefined>();
  for (let client = 0; client < 100; client++) {
    const first = pick({ clientAddress: `c${client}` });
    expect(pick({ clientAddress: `c${client}` })).toBe(first);
    seen.add(first?.id);
  }
  expect(seen.size).toBe(4);
});

test('a prefix stays with its warm account, then the next-warmest, then where its hash leads', () => {
  const { pick, router, all, clock, accounts } = routing(6);
  const affinity = 12_345;
  const byHash = pick({ affinity });
  expect(pick({ affinity })).toBe(byHash);
  const others = all.filter((account) => account !== byHash);
  const [second, first] = [at(others, 0), at(others, 1)];
  router.remember(affinity, second);
  router.remember(affinity, first);
  expect(pick({ affinity })).toBe(first);
  for (let each = 0; each < 5; each++) first.begin(clock.nowMs(), 'm')?.fail(clock.nowMs(), broken);
  expect(pick({ affinity })).toBe(second);
  accounts.disable(second.id);
  expect(pick({ affinity })).toBe(byHash);
  router.affinity = 'off';
  const spread = new Set(Array.from({ length: 20 }, () => pick({ affinity })));
  expect(spread.size).toBe(4);
});

test('nodes that never talked send a new prefix to the same account', () => {
  const here = routing(5);
  const there = routing(5);
  for (let affinity = 1; affinity < 200; affinity++)
    expect(here.pick({ affinity })?.id).toBe(there.pick({ affinity })?.id);
});

test('what is remembered of prefixes is bounded and goes stale', () => {
  const { all, clock } = pool(3);
  const map = new AffinityMap({ prefixesMax: 100, warmForMs: 1_000 });
  for (let affinity = 0; affinity < 100_000; affinity++) map.remember(affinity, at(all, affinity % 3), clock.nowMs());
  expect(map.size).toBe(100);
  const isFit = () => true;
  expect(map.warmest(99_999, clock.nowMs(), isFit)).toBe(at(all, 0));
  expect(map.warmest(99_999, clock.nowMs() + 1_001, isFit)).toBeUndefined();
  expect(map.warmest(0, clock.nowMs(), isFit)).toBeUndefined();
});

test('a key sees only its own accounts, with its own strategy', () => {
  const { router, facts } = routing([{}, { provider: 'oci' }, {}]);
  const scope = { key: 'k1@1', accounts: new Set(['a1', 'a2']), strategy: 'round_robin' };
  expect(router.route('m', scope).accounts.map(({ id }) => id)).toEqual(['a1', 'a2']);
  expect(router.route('m', { key: 'k2@1', providers: new Set(['oci']) }).accounts.map(({ id }) => id)).toEqual(['a1']);
  expect(router.route('m').accounts).toHaveLength(3);
  const picked = [1, 2].map(() => router.pick(router.route('m', scope), facts())?.id);
  expect(picked).toEqual(['a1', 'a2']);
  const nobody = { key: 'k3@1', accounts: new Set<string>() };
  expect(() => router.route('m', nobody)).toThrow(expect.objectContaining({ code: 'out_of_scope', status: 403 }));
});

test('so it does on the transparent route, beside those without a scope', () => {
  const { router, facts } = routing([{ provider: 'oci' }, { provider: 'oci' }, {}]);
  const scope = { key: 'k1@1', accounts: new Set(['a1']), strategy: 'round_robin' };
  expect(router.routeProvider('oci', scope).accounts.map(({ id }) => id)).toEqual(['a1']);
  expect(router.routeProvider('oci', scope)).toBe(router.routeProvider('oci', scope));
  expect(router.routeProvider('oci').accounts).toHaveLength(2);
  expect(router.pick(router.routeProvider('oci', scope), facts())?.id).toBe('a1');
  const outside = { key: 'k2@1', providers: new Set(['qwen-api']) };
  expect(() => router.routeProvider('oci', outside)).toThrow(expect.objectContaining({ code: 'out_of_scope' }));
  expect(() => router.routeProvider('qwen-api', outside)).toThrow(
    expect.objectContaining({ code: 'no_available_accounts' }),
  );
});

test('the transparent route has the accounts of its provider', () => {
  const { router } = routing([{}, { provider: 'oci' }]);
  expect(router.routeProvider('oci').accounts.map(({ id }) => id)).toEqual(['a1']);
  expect(() => router.routeProvider('qwen-api')).toThrow(expect.objectContaining({ code: 'no_available_accounts' }));
});

test('without any account the answer is 503, whatever the model', () => {
  const { router } = routing(0);
  const fault = expect.objectContaining({
    code: 'no_available_accounts',
    status: 503,
    message: 'No available accounts',
  });
  expect(() => router.route('m')).toThrow(fault);
});

test('why nobody serves: busy, resting with the soonest return, broken, or all without the model', () => {
  const { router, all, clock } = routing([{ maxConcurrency: 1 }, { maxConcurrency: 1 }]);
  const route = router.route('m');
  const explain = () => router.explainUnavailable(route, clock.nowMs());
  const [first, second] = [at(all, 0), at(all, 1)];
  const places = [first.begin(clock.nowMs(), 'm'), second.begin(clock.nowMs(), 'm')];
  expect(explain()).toMatchObject({ code: 'queue_full', status: 429 });
  places[0]?.fail(clock.nowMs(), limited(90_000));
  places[1]?.fail(clock.nowMs(), limited(40_000));
  expect(explain()).toMatchObject({ code: 'all_accounts_resting', status: 429, retryAfterMs: 40_000 });
  clock.advance(40_000);
  for (let each = 0; each < 5; each++) second.begin(clock.nowMs(), 'm')?.fail(clock.nowMs(), broken);
  expect(explain()).toMatchObject({ code: 'no_available_accounts', status: 503, retryAfterMs: 50_000 });
  clock.advance(300_000);
  const missing = protocolFaults.upstream_model_not_found('x');
  for (const account of all) account.begin(clock.nowMs(), 'm')?.fail(clock.nowMs(), missing);
  expect(explain()).toMatchObject({ code: 'unknown_model', status: 404 });
});

test('100,000 random model names leave a bounded memory', () => {
  const { router } = routing(3);
  for (let each = 0; each < 100_000; each++) router.route(`random-${each}`);
  expect(router.routeCount).toBe(routesMax);
});

test('a place that comes free is seen at once, in every route', () => {
  const { router, pick, all, clock } = routing([{ maxConcurrency: 1 }]);
  const place = at(all, 0).begin(clock.nowMs(), 'm');
  expect(pick()).toBeUndefined();
  expect(pick({ affinity: 5 })).toBeUndefined();
  place?.release();
  expect(pick()?.id).toBe('a0');
  expect(pick({ affinity: 5 })?.id).toBe('a0');
  expect(router.route('m').groups).toHaveLength(1);
});

test.each([
  'round_robin',
  'weighted_round_robin',
  'least_requests',
  'least_used',
  'random',
  'ip_hash',
  'health_best',
  'peak_ewma',
  'prompt_affinity',
])('%s over real accounts: whoever is named takes the request, and someone is named whenever one can', (algorithm) => {
  const { router, all, clock, facts } = routing(
    Array.from({ length: 12 }, () => ({ maxConcurrency: 3 })),
    [],
    { algorithm },
  );
  const random = seededRandom(17);
  const endings = [broken, limited(3_000), protocolFaults.upstream_error('x', { scope: 'model' })];
  const out: Attempt[] = [];
  const wrong: number[] = [];
  for (let step = 0; step < 4_000; step++) {
    if (random.next() < 0.05) clock.advance(random.below(20_000));
    const model = `m${random.below(3)}`;
    const context = facts({
      model,
      clientAddress: `c${step % 50}`,
      affinity: algorithm === 'prompt_affinity' ? step : 0,
    });
    const picked = router.pick(router.route(model), context);
    const able = all.filter((account) => account.canServe(clock.nowMs(), model));
    if (picked === undefined ? able.length > 0 : !able.some((account) => account === picked)) wrong.push(step);
    const attempt = picked?.begin(clock.nowMs(), model);
    if (attempt !== undefined) out.push(attempt);
    while (out.length > 25) {
      const [ended] = out.splice(random.below(out.length), 1);
      if (random.next() < 0.6) ended?.succeed(clock.nowMs(), 50);
      else ended?.fail(clock.nowMs(), at(endings, random.below(endings.length)));
    }
  }
  expect(wrong).toEqual([]);
  expect(all.every((account) => account.requestCount > 0)).toBe(true);
});

test('groups are bounded, and unknown ones cannot be removed', () => {
  const groups = new Groups();
  for (let each = 0; each < 256; each++) groups.set({ name: `g${each}`, priority: 'primary' });
  const one = { name: 'one', priority: 'primary' as const };
  expect(() => groups.set(one)).toThrow(expect.objectContaining({ code: 'too_many_groups' }));
  groups.set({ name: 'g0', priority: 'fallback' });
  expect(groups.get('g0').priority).toBe('fallback');
  groups.remove('g0');
  expect(groups.get('g0').priority).toBe('primary');
  expect(() => groups.remove('g0')).toThrow(expect.objectContaining({ code: 'unknown_group' }));
});
