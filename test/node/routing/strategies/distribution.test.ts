import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../../kit/random.ts';
import type { Account } from '../../../../node/accounts/contract.ts';
import type { Strategy } from '../../../../node/routing/contract.ts';
import { StrategyRegistry } from '../../../../node/routing/registry.ts';
import { countedAccounts, type CountedAccount } from '../../../suites/counted-account.ts';
import { context } from '../../../suites/strategy.ts';
import { at } from '../../accounts/pool.ts';

const make = (name: string, accounts: readonly Account[], seed = 1) =>
  new StrategyRegistry(seededRandom(seed)).get(name).create(accounts);

/** How often each account is chosen; `key` numbers clients and prefixes. */
function shares(strategy: Strategy, picks: number, onPick: (account: CountedAccount) => void = () => undefined) {
  const counts = new Map<string, number>();
  for (let key = 1; key <= picks; key++) {
    const account = strategy.pick(context({ clientAddress: `client-${key}`, affinity: key }));
    if (account === undefined) throw new Error('nobody was chosen');
    counts.set(account.id, (counts.get(account.id) ?? 0) + 1);
    onPick(account as CountedAccount);
    strategy.touch?.(account);
  }
  return counts;
}

test('round_robin goes round, and one that was away comes in again once', () => {
  const accounts = countedAccounts(3);
  const strategy = make('round_robin', accounts);
  const ids = (count: number) => Array.from({ length: count }, () => strategy.pick(context())?.id);
  expect(ids(6)).toEqual(['a0', 'a1', 'a2', 'a0', 'a1', 'a2']);
  at(accounts, 1).isWell = false;
  expect(ids(4)).toEqual(['a0', 'a2', 'a0', 'a2']);
  at(accounts, 1).isWell = true;
  strategy.touch?.(at(accounts, 1));
  expect(ids(4)).toEqual(['a1', 'a0', 'a2', 'a1']);
});

test('weighted_round_robin gives exact shares over every cycle', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 12 }), (weights) => {
      const strategy = make('weighted_round_robin', countedAccounts(weights.length, weights));
      const cycle = weights.reduce((sum, weight) => sum + weight, 0);
      for (let round = 0; round < 3; round++) {
        const counts = shares(strategy, cycle);
        expect(weights.map((_, index) => counts.get(`a${index}`))).toEqual(weights);
      }
    }),
  );
});

test('weighted_round_robin spreads a heavy account over the cycle, and the light ones into it', () => {
  const strategy = make('weighted_round_robin', countedAccounts(3, [5, 1, 1]));
  const ids = Array.from({ length: 7 }, () => strategy.pick(context())?.id);
  expect(ids.slice(0, 2)).toEqual(['a0', 'a0']);
  expect(ids.slice(5)).toEqual(['a0', 'a0']);
});

test('weighted_round_robin does not flood one that was away', () => {
  const accounts = countedAccounts(2, [1, 1]);
  const strategy = make('weighted_round_robin', accounts);
  at(accounts, 1).isWell = false;
  shares(strategy, 1_000);
  at(accounts, 1).isWell = true;
  strategy.touch?.(at(accounts, 1));
  expect(shares(strategy, 100).get('a1')).toBeLessThanOrEqual(51);
});

test('weight 0 serves only when no other can', () => {
  const accounts = countedAccounts(2, [0, 10]);
  const strategy = make('weighted_round_robin', accounts);
  expect(shares(strategy, 100).get('a1')).toBe(100);
  at(accounts, 1).isWell = false;
  expect(shares(strategy, 10).get('a0')).toBe(10);
});

test.each([3, 40])('least_requests is exact among %i on a node alone: always the fewest in flight', (count) => {
  const accounts = countedAccounts(count);
  const strategy = make('least_requests', accounts);
  const random = seededRandom(5);
  const out: CountedAccount[] = [];
  for (let step = 0; step < 2_000; step++) {
    const fewest = Math.min(...accounts.map((account) => account.inFlight));
    const picked = strategy.pick(context()) as CountedAccount;
    if (picked.inFlight !== fewest) expect.fail(`chose one with ${picked.inFlight}, not ${fewest}, at step ${step}`);
    picked.inFlight++;
    out.push(picked);
    // Ends out of order, sometimes several.
    while (out.length > 0 && random.next() < 0.5) {
      const [ended] = out.splice(random.below(out.length), 1);
      if (ended === undefined) break;
      ended.inFlight--;
      strategy.touch?.(ended);
    }
  }
});

test('least_requests over three nodes with old numbers stays near what one node would do', () => {
  const nodes = [1, 2, 3].map((seed) => {
    const accounts = countedAccounts(10);
    return { accounts, strategy: make('least_requests', accounts, seed) };
  });
  const own = nodes.map(() => Array.from({ length: 10 }, () => 0));
  const random = seededRandom(11);
  const peaks: number[] = [];
  for (let step = 0; step < 6_000; step++) {
    const turn = step % 3;
    const { strategy, accounts } = at(nodes, turn);
    const picked = strategy.pick(context()) as CountedAccount;
    picked.inFlight++;
    // Steady state: 300 in flight over 10 accounts and 3 nodes.
    if (step >= 300) {
      const { accounts: others, strategy: theirs } = at(nodes, random.below(3));
      const busy = others.filter((account) => account.inFlight > 0);
      if (busy.length > 0) {
        const ended = at(busy, random.below(busy.length));
        ended.inFlight--;
        theirs.touch?.(ended);
      }
    }
    // Gossip every 50 requests.
    if (step % 50 !== 0) continue;
    nodes.forEach((node, index) => own[index]?.splice(0, 10, ...node.accounts.map((account) => account.inFlight)));
    nodes.forEach((node, index) =>
      node.accounts.forEach((account, place) => {
        account.remote.inFlight = own.reduce((sum, list, of) => sum + (of === index ? 0 : (list[place] ?? 0)), 0);
        node.strategy.touch?.(account);
      }),
    );
    if (step < 1_000) continue;
    const totals = accounts.map((_, place) => own.reduce((sum, list) => sum + (list[place] ?? 0), 0));
    peaks.push(Math.max(...totals) / (totals.reduce((sum, value) => sum + value, 0) / 10));
  }
  const mean = peaks.reduce((sum, value) => sum + value, 0) / peaks.length;
  expect(mean).toBeLessThan(1.2);
});

test('least_used evens out what was served, and does not flood a newcomer', () => {
  const [a, b, c] = countedAccounts(3) as [CountedAccount, CountedAccount, CountedAccount];
  a.requestCount = 1_000;
  b.remote.served = 900;
  shares(make('least_used', [a, b]), 100, (account) => account.requestCount++);
  expect([a.requestCount, b.requestCount + b.remote.served]).toEqual([1_000, 1_000]);
  const counts = shares(make('least_used', [a, b, c]), 300, (account) => account.requestCount++);
  expect([...counts.values()]).toEqual([100, 100, 100]);
  // The strategy is made anew with every change of accounts; the newcomer stays level.
  const again = shares(make('least_used', [a, b, c]), 300, (account) => account.requestCount++);
  expect([...again.values()]).toEqual([100, 100, 100]);
});

test('random is even', () => {
  const counts = shares(make('random', countedAccounts(10)), 10_000);
  expect(counts.size).toBe(10);
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test('health_best takes the healthiest, and ties in turn', () => {
  const accounts = countedAccounts(20);
  for (const account of accounts) account.healthScore = 80;
  at(accounts, 4).healthScore = 95;
  at(accounts, 9).healthScore = 95;
  const strategy = make('health_best', accounts);
  expect([...shares(strategy, 10)]).toEqual([
    ['a4', 5],
    ['a9', 5],
  ]);
  at(accounts, 4).healthScore = 10;
  strategy.touch?.(at(accounts, 4));
  at(accounts, 15).healthScore = 99;
  strategy.touch?.(at(accounts, 15));
  expect([...shares(strategy, 10)]).toEqual([['a15', 10]]);
});

test('peak_ewma prefers fast and idle accounts, keeps measuring slow ones and does not flood unknown ones', () => {
  const accounts = countedAccounts(4);
  at(accounts, 0).latencyEwmaMs = 2_000;
  const counts = shares(make('peak_ewma', accounts), 4_000);
  const slow = counts.get('a0') ?? 0;
  expect(slow).toBeGreaterThan(20);
  expect(slow).toBeLessThan(200);
  const fresh = countedAccounts(4);
  at(fresh, 0).latencyEwmaMs = 0;
  const flooded = shares(make('peak_ewma', fresh), 4_000, (account) => account.inFlight++);
  expect(flooded.get('a0')).toBeLessThan(1_200);
});

test.each(['ip_hash', 'prompt_affinity'])(
  '%s: same key, same account, on every node and in any order of accounts',
  (name) => {
    const accounts = countedAccounts(7);
    const here = make(name, accounts);
    const there = make(name, accounts.toReversed(), 99);
    for (let key = 1; key < 500; key++) {
      const facts = context({ clientAddress: `client-${key}`, affinity: key });
      const picked = here.pick(facts);
      expect(here.pick(facts)).toBe(picked);
      expect(there.pick(facts)).toBe(picked);
    }
  },
);

test.each(['ip_hash', 'prompt_affinity'].flatMap((name) => [2, 5, 64, 65, 120].map((count) => [name, count] as const)))(
  '%s: of %i accounts each has its share, and only keys of one that goes move',
  (name, count) => {
    const accounts = countedAccounts(count);
    const keys = count * 200;
    const owners = (strategy: Strategy) =>
      Array.from(
        { length: keys },
        (_, key) => strategy.pick(context({ clientAddress: `c${key}`, affinity: key + 1 }))?.id,
      );
    const strategy = make(name, accounts);
    const before = owners(strategy);
    const counts = new Map<string | undefined, number>();
    for (const id of before) counts.set(id, (counts.get(id) ?? 0) + 1);
    expect(counts.size).toBe(count);
    expect(Math.max(...counts.values())).toBeLessThan(200 * 1.45);
    const gone = at(accounts, 1);
    const removed = owners(
      make(
        name,
        accounts.filter((account) => account !== gone),
      ),
    );
    gone.isWell = false;
    const resting = owners(strategy);
    const moved = before.filter((id, key) => id !== 'a1' && (removed[key] !== id || resting[key] !== id));
    expect(moved).toEqual([]);
    expect(resting).not.toContain('a1');
    gone.isWell = true;
    strategy.touch?.(gone);
    expect(owners(strategy)).toEqual(before);
  },
);

test('ip_hash spreads the clients of one that is out over the others', () => {
  const accounts = countedAccounts(10);
  const strategy = make('ip_hash', accounts);
  at(accounts, 0).isWell = false;
  const counts = shares(strategy, 9_000);
  expect(Math.max(...counts.values())).toBeLessThan(1_250);
});

test('prompt_affinity shares prefixes by weight, and requests without a prefix too', () => {
  const accounts = countedAccounts(2, [30, 10]);
  const strategy = make('prompt_affinity', accounts);
  const share = (shares(strategy, 10_000).get('a0') ?? 0) / 10_000;
  expect(share).toBeGreaterThan(0.68);
  expect(share).toBeLessThan(0.82);
  const plain = Array.from({ length: 40 }, () => strategy.pick(context({ affinity: 0 }))?.id);
  expect(plain.filter((id) => id === 'a0')).toHaveLength(30);
});
