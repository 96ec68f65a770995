import { describe, expect, it } from 'vitest';
import { isFault } from '../../../kit/fault.ts';
import { LimitMesh, type LimitNode } from './limit-mesh.ts';

const dayMs = 86_400_000;
/** 2023-11-14T22:13:20Z, where the manual clock begins; 1 h 46 min 40 s before midnight. */
const startMs = 1_700_000_000_000;
const midnightMs = Math.ceil(startMs / dayMs) * dayMs;

function refusalAt(node: LimitNode) {
  const outcome = node.enter();
  if (!isFault(outcome)) throw new Error('it was let in');
  return outcome;
}

describe('a budget', () => {
  it('of tokens is spent by all nodes together', () => {
    const mesh = new LimitMesh(3, { dailyTokenBudget: 1000 });
    mesh.node('n1').use(600);
    mesh.advance(200);
    mesh.node('n2').use(399);
    mesh.advance(200);
    mesh.node('n3').use(1);
    mesh.advance(200);
    for (const node of mesh.nodes.values()) expect(node.code()).toBe('budget_spent');
    const refusal = refusalAt(mesh.node('n1'));
    expect(refusal.message).toBe('the daily tokens budget of the key is 1000 tokens, and it is spent');
    expect(refusal).toMatchObject({ status: 429, retryAfterMs: midnightMs - mesh.mesh.clock.nowMs() });
  });

  it('of cost counts what prices say, and nothing where there is none', () => {
    const mesh = new LimitMesh(2, { dailyCostBudget: 2_500_000_000 });
    const n1 = mesh.node('n1');
    n1.use(1_000_000);
    n1.let().settle(1_000_000, undefined);
    n1.use(10, 2_400_000_000);
    expect(n1.code()).toBe('in');
    n1.use(10, 100_000_000);
    mesh.advance(200);
    expect(refusalAt(mesh.node('n2')).message).toBe('the daily cost budget of the key is 2.5, and it is spent');
  });

  it('counts what is under way by its estimate until it is known', () => {
    const mesh = new LimitMesh(1, { dailyTokenBudget: 100, monthlyCostBudget: 1000 });
    const n1 = mesh.node('n1');
    const permit = n1.let(100);
    expect(n1.code()).toBe('budget_spent');
    permit.settle(0, 0);
    n1.let(50).settle(undefined, undefined);
    n1.use(40, 0);
    expect(n1.code()).toBe('in');
    n1.use(10, 0);
    expect(n1.code()).toBe('budget_spent');
  });

  it('counts the cost of what is under way by what the key’s requests cost before', () => {
    const mesh = new LimitMesh(1, { dailyCostBudget: 1000 });
    const n1 = mesh.node('n1');
    n1.use(1, 400);
    const permit = n1.let(1);
    const other = n1.let(1);
    expect(n1.code()).toBe('budget_spent');
    permit.settle(1, 100);
    other.settle(undefined, undefined);
    expect(n1.code()).toBe('in');
    n1.use(1, 100);
    expect(n1.code()).toBe('budget_spent');
  });

  it('is of the day and month by UTC', () => {
    const mesh = new LimitMesh(2, { dailyTokenBudget: 100, monthlyTokenBudget: 250 });
    const n1 = mesh.node('n1');
    n1.use(100);
    expect(n1.code()).toBe('budget_spent');
    mesh.sleep(midnightMs - mesh.mesh.clock.nowMs() - 1);
    expect(n1.code()).toBe('budget_spent');
    mesh.sleep(1);
    n1.use(100);
    mesh.sleep(dayMs);
    n1.use(60);
    mesh.advance(200);
    const refusal = refusalAt(mesh.node('n2'));
    expect(refusal.message).toBe('the monthly tokens budget of the key is 250 tokens, and it is spent');
    expect(refusal.retryAfterMs).toBe(Date.UTC(2023, 11, 1) - mesh.mesh.clock.nowMs());
    mesh.sleep(refusal.retryAfterMs ?? 0);
    expect(n1.code()).toBe('in');
    expect(mesh.node('n2').code()).toBe('in');
  });

  it('that is raised or lowered holds at once, and what was used counts', () => {
    const mesh = new LimitMesh(2, { dailyTokenBudget: 100 });
    mesh.node('n1').use(150);
    mesh.advance(200);
    mesh.setKey({ dailyTokenBudget: 200 }, true);
    expect(mesh.node('n2').code()).toBe('in');
    mesh.setKey({ dailyTokenBudget: 150, requestsPerMinute: 5 }, true);
    expect(mesh.node('n2').code()).toBe('budget_spent');
    mesh.setKey({ monthlyTokenBudget: 151 }, true);
    expect(mesh.node('n2').code()).toBe('in');
  });
});

describe('midnight', () => {
  it('comes with the first clock, and once', () => {
    const mesh = new LimitMesh(2, { dailyTokenBudget: 100 });
    const [n1, n2] = [mesh.node('n1'), mesh.node('n2')];
    n1.node.clock.wallOffsetMs = 5000;
    mesh.sleep(midnightMs - mesh.mesh.clock.nowMs() - 10_000);
    n2.use(100);
    mesh.advance(200);
    expect(n1.code()).toBe('budget_spent');
    mesh.advance(7000);
    // It is the next day at n1, and by its record at n2 as well, three seconds before its clock says so.
    n1.use(60);
    mesh.advance(200);
    expect(n2.code()).toBe('in');
    n2.use(40);
    mesh.advance(200);
    for (const node of [n1, n2]) expect(node.code()).toBe('budget_spent');
    mesh.advance(20_000);
    for (const node of [n1, n2]) expect(node.code()).toBe('budget_spent');
    expect(n1.budgetRecords().get('key_1/n2')).toMatchObject({ dayTokens: 40, monthTokens: 140 });
  });

  it('does not come with a record from further ahead than clocks differ', () => {
    const mesh = new LimitMesh(2, { dailyTokenBudget: 100 });
    mesh.node('n1').use(100);
    mesh.advance(200);
    const day = Math.floor(startMs / dayMs) + 1;
    const ahead = { day, dayTokens: 1, dayCost: 0, month: day, monthTokens: 1, monthCost: 0 };
    mesh.node('n2').node.records.put('budgets', 'key_1/n2', ahead);
    mesh.advance(200);
    expect(mesh.node('n1').code()).toBe('budget_spent');
  });

  it('that a wrong clock brought too early is taken back, and what was spent counts on', () => {
    const mesh = new LimitMesh(1, { dailyTokenBudget: 100 });
    const n1 = mesh.node('n1');
    n1.node.clock.wallOffsetMs = 40 * dayMs;
    n1.use(100);
    n1.node.clock.wallOffsetMs = 0;
    expect(n1.code()).toBe('budget_spent');
    mesh.sleep(midnightMs - mesh.mesh.clock.nowMs());
    expect(n1.code()).toBe('in');
  });
});

describe('a clock that was ahead for a while', () => {
  it.each([2 * 3_600_000, 40 * dayMs])('brings back with the day what was spent of it before (%i ms)', (aheadMs) => {
    const mesh = new LimitMesh(2, { dailyTokenBudget: 100, monthlyTokenBudget: 1000 });
    const [n1, n2] = [mesh.node('n1'), mesh.node('n2')];
    mesh.sleep(midnightMs - mesh.mesh.clock.nowMs() - 3_600_000);
    n2.use(20);
    n1.use(50);
    mesh.advance(200);
    n1.node.clock.wallOffsetMs = aheadMs;
    n1.use(20);
    n1.node.clock.wallOffsetMs = 0;
    expect(n1.code()).toBe('in');
    n1.use(10);
    expect(n1.code()).toBe('budget_spent');
    mesh.advance(200);
    expect(n1.budgetRecords().get('key_1/n1')).toMatchObject({ dayTokens: 80, monthTokens: 80 });
    expect(n2.code()).toBe('budget_spent');
  });
});

describe('what is written', () => {
  it('waits for five seconds where it is little, and 100 ms where it is much of what is left', () => {
    const mesh = new LimitMesh(2, { dailyTokenBudget: 100_000 });
    const n1 = mesh.node('n1');
    const seen = () => mesh.node('n2').budgetRecords().get('key_1/n1');
    n1.use(900);
    mesh.advance(4900);
    expect(seen()).toBeUndefined();
    mesh.advance(300);
    expect(seen()).toMatchObject({ dayTokens: 900, monthTokens: 900, dayCost: 0 });
    n1.use(900);
    n1.use(200);
    mesh.advance(150);
    expect(seen()).toMatchObject({ dayTokens: 2000 });
  });

  it('is at most one record of a key in 100 ms', () => {
    const mesh = new LimitMesh(1, { dailyTokenBudget: 1000 });
    const n1 = mesh.node('n1');
    let writes = 0;
    n1.node.records.watch('budgets', () => writes++);
    for (let n = 0; n < 100; n++) {
      n1.use(9);
      mesh.advance(10);
    }
    expect(writes).toBeGreaterThan(5);
    expect(writes).toBeLessThanOrEqual(10);
  });

  it('is at most 200 records a second, the most urgent first, and every one in the end', () => {
    const mesh = new LimitMesh(1, { dailyTokenBudget: 1000 });
    const n1 = mesh.node('n1');
    const order: string[] = [];
    n1.node.records.watch('budgets', ({ id }) => void order.push(id));
    for (let n = 0; n < 1000; n++) {
      const limits = { ...mesh.key, id: `key_${1000 + n}` };
      mesh.keys.set(limits.id, limits);
      const outcome = n1.enter(0, limits);
      if (!isFault(outcome)) outcome.settle(n === 777 ? 500 : 20, 0);
    }
    mesh.advance(100);
    expect(order).toHaveLength(20);
    expect(order[0]).toBe('key_1777/n1');
    mesh.advance(900);
    expect(order).toHaveLength(200);
    mesh.advance(4100);
    expect(new Set(order).size).toBe(1000);
    expect(n1.made.reading().unwrittenBudgets).toBe(0);
  });

  it('is all of it when the node stops', () => {
    const mesh = new LimitMesh(1, { dailyTokenBudget: 1_000_000 });
    const n1 = mesh.node('n1');
    n1.use(5);
    n1.made.stop();
    expect(n1.budgetRecords().get('key_1/n1')).toMatchObject({ dayTokens: 5 });
  });

  it('is tried again when the table has no room', () => {
    const mesh = new LimitMesh(1, { dailyTokenBudget: 1000 });
    const n1 = mesh.node('n1');
    const { put } = n1.node.records;
    let isFull = true;
    n1.node.records.put = (...given) => {
      if (isFull) throw new Error('full');
      return put.apply(n1.node.records, given);
    };
    n1.use(500);
    mesh.advance(1000);
    expect(n1.made.reading().unwrittenBudgets).toBe(1);
    isFull = false;
    mesh.advance(1000);
    expect(n1.budgetRecords().get('key_1/n1')).toMatchObject({ dayTokens: 500 });
  });
});
