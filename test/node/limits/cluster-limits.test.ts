import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Fault, isFault } from '../../../kit/fault.ts';
import type { Permit } from '../../../node/limits/contract.ts';
import { exposeLimits } from '../../../node/metrics/limit-metrics.ts';
import { MetricsRegistry } from '../../../node/metrics/registry.ts';
import { LimitMesh, noLimits } from './limit-mesh.ts';

function refusalOf(outcome: Permit | Fault | undefined): Fault {
  if (!isFault(outcome)) throw new Error('it was let in');
  return outcome;
}

describe('requests a minute', () => {
  it('are those of all nodes together, in any sixty seconds', () => {
    const mesh = new LimitMesh(2, { requestsPerMinute: 3 });
    const [n1, n2] = [mesh.node('n1'), mesh.node('n2')];
    n1.use(5);
    mesh.advance(20_000);
    n2.use(5);
    n1.use(5);
    expect(n2.code()).toBe('rate_limited');
    const refusal = refusalOf(n1.enter());
    expect(refusal).toMatchObject({ status: 429, retryAfterMs: 40_000, field: undefined });
    expect(refusal.message).toBe('the key may make 3 requests a minute');
    mesh.advance(40_000);
    expect(n1.code()).toBe('in');
    expect(n1.code()).toBe('rate_limited');
  });

  it('are told to the answer, let in or not', () => {
    const mesh = new LimitMesh(1, { requestsPerMinute: 3, tokensPerMinute: 100 });
    const n1 = mesh.node('n1');
    const permit = n1.let(30);
    expect(permit.readings().requests).toMatchObject({ limit: 3, remaining: 2, resetMs: 60_000 });
    expect(permit.readings().tokens).toMatchObject({ limit: 100, remaining: 70 });
    permit.settle(10, 0);
    expect(n1.made.gate.readings(mesh.key).tokens).toMatchObject({ remaining: 90 });
    expect(new LimitMesh(1, { concurrentRequests: 1 }).node('n1').let().readings()).toEqual({
      requests: undefined,
      tokens: undefined,
    });
  });
});

describe('tokens a minute', () => {
  it('are taken by estimate, and corrected when it is known', () => {
    const mesh = new LimitMesh(1, { tokensPerMinute: 100 });
    const n1 = mesh.node('n1');
    const first = n1.let(80);
    expect(refusalOf(n1.enter(30)).message).toBe('the key may use 100 tokens a minute');
    mesh.advance(5000);
    first.settle(20, 0);
    expect(n1.quotas.at('key_1/tokens').corrections).toEqual([{ difference: -60, agoMs: 5000 }]);
    const second = n1.let(80);
    second.settle(130, 0);
    expect(n1.code(1)).toBe('rate_limited');
    mesh.advance(60_000);
    expect(n1.code(1)).toBe('in');
  });

  it('that were taken too much count no longer after a minute, so that nothing of them goes back', () => {
    const mesh = new LimitMesh(1, { tokensPerMinute: 100 });
    const n1 = mesh.node('n1');
    const long = n1.let(80);
    mesh.advance(61_000);
    n1.use(100);
    long.settle(10, 0);
    expect(n1.code(1)).toBe('rate_limited');
    expect(n1.quotas.at('key_1/tokens').used).toBe(100);
  });

  it('that were taken too little count when that is known', () => {
    const mesh = new LimitMesh(1, { tokensPerMinute: 100 });
    const n1 = mesh.node('n1');
    const long = n1.let(80);
    mesh.advance(61_000);
    long.settle(180, 0);
    expect(n1.quotas.at('key_1/tokens').used).toBe(100);
  });

  it('keep the estimate where nothing is known', () => {
    const mesh = new LimitMesh(1, { tokensPerMinute: 100 });
    const permit = mesh.node('n1').let(80);
    permit.settle(undefined, undefined);
    expect(mesh.node('n1').quotas.at('key_1/tokens').used).toBe(80);
  });

  it('let a request in that is longer than the limit, when nothing else was used', () => {
    const mesh = new LimitMesh(1, { tokensPerMinute: 100 });
    const permit = mesh.node('n1').let(500);
    expect(mesh.node('n1').quotas.at('key_1/tokens').used).toBe(100);
    permit.settle(undefined, undefined);
    expect(mesh.node('n1').quotas.at('key_1/tokens').used).toBe(500);
  });

  it('let a long request in while a voter is away, whose part nobody can have', () => {
    const mesh = new LimitMesh(3, { tokensPerMinute: 100 });
    mesh.split(['n1', 'n2'], ['n3']);
    mesh.node('n1').let(100);
    expect(mesh.node('n1').quotas.at('key_1/tokens').used).toBe(66);
  });
});

describe('requests at a time', () => {
  it('give their place back once, however often they are settled', () => {
    const mesh = new LimitMesh(1, { concurrentRequests: 2 });
    const n1 = mesh.node('n1');
    const first = n1.let();
    n1.let();
    const refusal = refusalOf(n1.enter());
    expect(refusal).toMatchObject({ code: 'too_many_concurrent', status: 429, retryAfterMs: 1000 });
    expect(refusal.message).toBe('the key may have 2 requests under way at a time');
    first.settle(1, 1);
    first.settle(1, 1);
    n1.let();
    expect(n1.code()).toBe('too_many_concurrent');
  });

  it('take nothing of the minute when there is no place, nor keep the place when the minute is full', () => {
    const mesh = new LimitMesh(1, { concurrentRequests: 1, requestsPerMinute: 2 });
    const n1 = mesh.node('n1');
    const used = (kind: string) => n1.quotas.at(`key_1/${kind}`).used;
    const first = n1.let();
    for (let n = 0; n < 5; n++) expect(n1.code()).toBe('too_many_concurrent');
    expect(used('requests')).toBe(1);
    first.settle(0, 0);
    n1.use(0);
    for (let n = 0; n < 5; n++) expect(n1.code()).toBe('rate_limited');
    expect(used('concurrent')).toBe(0);
  });

  it('and requests go back when the tokens do not suffice', () => {
    const mesh = new LimitMesh(1, { concurrentRequests: 9, requestsPerMinute: 9, tokensPerMinute: 10 });
    const n1 = mesh.node('n1');
    n1.let(8).settle(8, 0);
    expect(n1.code(5)).toBe('rate_limited');
    expect(n1.quotas.at('key_1/requests').used).toBe(1);
    expect(n1.quotas.at('key_1/concurrent').used).toBe(0);
  });
});

describe('asking the others', () => {
  const limits = { concurrentRequests: 2, requestsPerMinute: 2, tokensPerMinute: 10 };

  function asking(askMs: number) {
    const mesh = new LimitMesh(2, limits);
    mesh.pool.askMs = askMs;
    const n1 = mesh.node('n1');
    const used = () => ['concurrent', 'requests', 'tokens'].map((kind) => n1.quotas.at(`key_1/${kind}`).used);
    const outcomes: (Permit | Fault)[] = [];
    const enter = () => n1.made.gate.enter(mesh.key, 5, (outcome) => outcomes.push(outcome));
    return { mesh, n1, used, outcomes, enter };
  }

  it('lets in what they lend, within the time', () => {
    const { mesh, used, outcomes, enter } = asking(10);
    expect(enter()).toBeTypeOf('function');
    mesh.advance(29);
    expect(outcomes).toEqual([]);
    mesh.advance(1);
    expect(outcomes).toHaveLength(1);
    expect(isFault(outcomes[0])).toBe(false);
    expect(used()).toEqual([1, 1, 5]);
  });

  it('refuses what they do not, and gives back what was taken before', () => {
    const { mesh, used, outcomes, enter } = asking(10);
    for (let n = 0; n < 3; n++) enter();
    mesh.advance(100);
    expect(outcomes.map((outcome) => (isFault(outcome) ? outcome.code : 'in'))).toEqual([
      'too_many_concurrent',
      'in',
      'in',
    ]);
    for (const outcome of outcomes) if (!isFault(outcome)) outcome.settle(5, 0);
    expect(used()).toEqual([0, 2, 10]);
    enter();
    mesh.advance(100);
    expect(refusalOf(outcomes[3]).code).toBe('rate_limited');
    expect(used()).toEqual([0, 2, 10]);
  });

  it('waits 100 ms in all', () => {
    const { mesh, used, outcomes, enter } = asking(60);
    enter();
    mesh.advance(100);
    expect(refusalOf(outcomes[0]).code).toBe('rate_limited');
    expect(used()).toEqual([0, 0, 0]);
  });

  it('ends when the client leaves, and what comes later goes back', () => {
    const { mesh, used, outcomes, enter } = asking(10);
    const withdraw = enter();
    mesh.advance(15);
    expect(used()).toEqual([1, 0, 0]);
    withdraw?.();
    withdraw?.();
    expect(used()).toEqual([0, 0, 0]);
    mesh.advance(200);
    expect(used()).toEqual([0, 0, 0]);
    expect(outcomes).toEqual([]);
  });

  it('leaves a permit alone that was given before the client left', () => {
    const { mesh, used, outcomes, enter } = asking(10);
    const withdraw = enter();
    mesh.advance(100);
    expect(outcomes).toHaveLength(1);
    withdraw?.();
    expect(used()).toEqual([1, 1, 5]);
  });

  it('refuses when the budget was spent meanwhile, and gives all back', () => {
    const { mesh, used, outcomes, enter } = asking(10);
    mesh.setKey({ concurrentRequests: 2, requestsPerMinute: 2, dailyTokenBudget: 100 }, true);
    enter();
    mesh.advance(30);
    enter();
    mesh.advance(15);
    (outcomes[0] as Permit).settle(100, 0);
    mesh.advance(100);
    expect(refusalOf(outcomes[1]).code).toBe('budget_spent');
    expect(used()).toEqual([0, 1, 0]);
  });
});

describe('a key that is changed', () => {
  it('is limited by what it may do now, and what was used goes on counting', () => {
    const mesh = new LimitMesh(2, { requestsPerMinute: 2 });
    const n1 = mesh.node('n1');
    n1.use(0);
    n1.use(0);
    expect(n1.code()).toBe('rate_limited');
    mesh.setKey({ requestsPerMinute: 3 }, true);
    expect(n1.code()).toBe('in');
    expect(n1.code()).toBe('rate_limited');
    mesh.setKey({ requestsPerMinute: 1 }, true);
    expect(refusalOf(n1.enter()).message).toBe('the key may make 1 requests a minute');
    mesh.setKey({ dailyTokenBudget: 1 }, true);
    expect(n1.code()).toBe('in');
  });

  it('is told to the quotas of every member as soon as its record is there', () => {
    const mesh = new LimitMesh(2, { requestsPerMinute: 2 });
    const n2 = mesh.node('n2');
    expect(n2.quotas.ruleOf('key_1/requests')).toEqual({ limit: 2, windowMs: 60_000 });
    mesh.keys.set('key_2', { ...noLimits, id: 'key_2', concurrentRequests: 7, tokensPerMinute: 9 });
    mesh.node('n1').node.records.put('keys', 'key_2', {});
    mesh.advance(100);
    expect(n2.quotas.changes).toEqual(['key_2/concurrent', 'key_2/requests', 'key_2/tokens']);
    expect(n2.quotas.ruleOf('key_2/concurrent')).toEqual({ limit: 7, windowMs: undefined });
    expect(n2.quotas.ruleOf('key_2/tokens')).toEqual({ limit: 9, windowMs: 60_000 });
    expect(n2.quotas.ruleOf('key_2/requests')).toBeUndefined();
    expect(n2.quotas.ruleOf('key_3/requests')).toBeUndefined();
    expect(n2.quotas.ruleOf('anything')).toBeUndefined();
    expect(n2.quotas.ruleOf('key_2/others')).toBeUndefined();
  });

  it('is not limited by a former revision that a request still holds', () => {
    const mesh = new LimitMesh(1, { requestsPerMinute: 1 });
    const former = mesh.key;
    const n1 = mesh.node('n1');
    mesh.setKey({ requestsPerMinute: 2 }, true);
    n1.use(0);
    const outcome = n1.enter(0, former);
    expect(isFault(outcome)).toBe(false);
    expect(refusalOf(n1.enter(0, former)).message).toBe('the key may make 2 requests a minute');
  });

  it('gives its place back though it was changed meanwhile', () => {
    const mesh = new LimitMesh(1, { concurrentRequests: 1 });
    const n1 = mesh.node('n1');
    const permit = n1.let();
    mesh.setKey({ concurrentRequests: 1, requestsPerMinute: 100 }, true);
    expect(n1.code()).toBe('too_many_concurrent');
    permit.settle(0, 0);
    expect(n1.code()).toBe('in');
  });

  it('may be gone while its last request is under way', () => {
    const mesh = new LimitMesh(1, { concurrentRequests: 1, dailyTokenBudget: 100 });
    const n1 = mesh.node('n1');
    const limits = mesh.key;
    const permit = n1.let(10);
    mesh.keys.clear();
    n1.made.gate.changed('key_1');
    permit.settle(10, 10);
    expect(isFault(n1.enter(0, limits))).toBe(false);
    mesh.advance(10_000);
    expect(n1.budgetRecords().size).toBe(0);
  });
});

describe('what is held', () => {
  it('lets go of keys that are not used, and of none that has a request under way', () => {
    const mesh = new LimitMesh(1, { requestsPerMinute: 10 });
    const n1 = mesh.node('n1');
    const permit = n1.let();
    for (let n = 2; n < 100; n++) n1.enter(0, { ...noLimits, id: `key_${n}`, requestsPerMinute: 1 });
    expect(n1.made.gate.size).toBe(99);
    mesh.advance(600_000);
    // Those that were not settled are under way.
    expect(n1.made.gate.size).toBe(99);
    permit.settle(0, 0);
    mesh.advance(600_000);
    expect(n1.made.gate.size).toBe(98);
    expect(n1.code()).toBe('in');
    expect(n1.made.gate.size).toBe(99);
  });

  it('is counted for the metrics', async () => {
    const mesh = new LimitMesh(1, { requestsPerMinute: 1, dailyCostBudget: 5 });
    const n1 = mesh.node('n1');
    n1.use(1, 1);
    n1.code();
    mesh.advance(60_000);
    n1.use(1, 10);
    n1.code();
    const registry = new MetricsRegistry({ processMetrics: false });
    exposeLimits(registry, () => n1.made.reading());
    const page = await registry.render();
    expect(page).toContain('aiproxy_limit_refusals_total{reason="requests"} 1\n');
    expect(page).toContain('aiproxy_limit_refusals_total{reason="daily_cost"} 1\n');
    expect(page).toContain('aiproxy_limit_refusals_total{reason="concurrent"} 0\n');
    expect(page).toContain('aiproxy_limit_keys 1\n');
    expect(page).toContain('aiproxy_budgets_unwritten 1\n');
  });

  it('leaves no timer behind', async () => {
    const mesh = new LimitMesh(1, { dailyTokenBudget: 100 });
    const n1 = mesh.node('n1');
    await turn();
    const before = mesh.mesh.clock.pendingCount;
    n1.use(5);
    expect(mesh.mesh.clock.pendingCount).toBe(before + 1);
    mesh.advance(6000);
    expect(n1.budgetRecords().size).toBe(1);
    expect(mesh.mesh.clock.pendingCount).toBe(before);
    n1.made.stop();
    expect(mesh.mesh.clock.pendingCount).toBe(0);
    n1.use(5);
    expect(mesh.mesh.clock.pendingCount).toBe(0);
  });
});
