import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LimitMesh } from './limit-mesh.ts';

const dayMs = 86_400_000;
/** The manual clock begins at 2023-11-14T22:13:20Z. */
const startMs = 1_700_000_000_000;
const midnightMs = Math.ceil(startMs / dayMs) * dayMs;

/** Longer than anything waits to be written. */
const writtenMs = 5200;

describe('a restart', () => {
  it('knows what was spent, and goes on from there', () => {
    const mesh = new LimitMesh(2, { dailyTokenBudget: 1000 });
    mesh.node('n1').use(500);
    mesh.advance(writtenMs);
    const store = mesh.kill('n1');
    const n1 = mesh.start('n1', store);
    mesh.heal();
    n1.use(400);
    mesh.advance(writtenMs);
    expect(mesh.node('n2').budgetRecords().get('key_1/n1')).toMatchObject({ dayTokens: 900 });
    mesh.node('n2').use(100);
    mesh.advance(200);
    expect(n1.code()).toBe('budget_spent');
  });

  it('takes from the store what it had not written', async () => {
    const mesh = new LimitMesh(2, { dailyTokenBudget: 1000, monthlyCostBudget: 1e9 });
    mesh.node('n1').use(500, 7);
    mesh.advance(writtenMs);
    mesh.node('n1').use(9, 1);
    const store = mesh.kill('n1');
    const asked: number[] = [];
    mesh.sums = (node, fromMs) => {
      asked.push(fromMs);
      const sum = fromMs === midnightMs - dayMs ? { tokens: 509, costNano: 8 } : { tokens: 2000, costNano: 90 };
      const sums = [
        { key: 'key_1', ...sum },
        { key: 'key_of_no_limits', ...sum },
      ];
      return Promise.resolve(node === 'n1' ? sums : []);
    };
    const n1 = mesh.start('n1', store);
    await n1.made.start();
    expect(asked).toEqual(expect.arrayContaining([midnightMs - dayMs, Date.UTC(2023, 10, 1)]));
    mesh.heal();
    mesh.advance(writtenMs);
    const record = { dayTokens: 509, dayCost: 8, monthTokens: 2000, monthCost: 90 };
    expect(mesh.node('n2').budgetRecords().get('key_1/n1')).toMatchObject(record);
    expect([...mesh.node('n2').budgetRecords().keys()]).toEqual(['key_1/n1']);
  });

  it('keeps its own sum where the store has less', async () => {
    const mesh = new LimitMesh(1, { dailyTokenBudget: 1000 });
    mesh.node('n1').use(500);
    mesh.advance(writtenMs);
    mesh.sums = () => Promise.resolve([{ key: 'key_1', tokens: 400, costNano: 0 }]);
    const n1 = mesh.start('n1', mesh.kill('n1'));
    await n1.made.start();
    n1.use(499);
    expect(n1.code()).toBe('in');
    n1.use(1);
    expect(n1.code()).toBe('budget_spent');
  });

  it('goes on without a store that does not answer, and asks it again', async () => {
    const mesh = new LimitMesh(1, { dailyTokenBudget: 1000 });
    mesh.sums = () => Promise.reject(new Error('the store is away'));
    const n1 = mesh.start('n1', mesh.kill('n1'));
    await n1.made.start();
    expect(n1.code()).toBe('in');
    mesh.sums = () => Promise.resolve([{ key: 'key_1', tokens: 1000, costNano: 0 }]);
    mesh.advance(10_000);
    await turn();
    expect(n1.code()).toBe('budget_spent');
  });

  it('waits for a slow store no longer than five seconds', async () => {
    const mesh = new LimitMesh(1, { dailyTokenBudget: 1000 });
    const { promise, resolve } = Promise.withResolvers<[{ key: string; tokens: number; costNano: number }]>();
    mesh.sums = () => promise;
    const n1 = mesh.start('n1', mesh.kill('n1'));
    let isStarted = false;
    const started = n1.made.start().then(() => (isStarted = true));
    await turn();
    mesh.advance(4999);
    await turn();
    expect(isStarted).toBe(false);
    mesh.advance(1);
    await started;
    n1.use(10);
    resolve([{ key: 'key_1', tokens: 995, costNano: 0 }]);
    await turn();
    // It may hold some of what was used since the start.
    n1.use(5);
    expect(n1.code()).toBe('budget_spent');
  });

  it('of a node that lost its disk gets its own record back before it writes another one', () => {
    const mesh = new LimitMesh(2, { dailyTokenBudget: 1000 });
    mesh.node('n1').use(500);
    mesh.advance(writtenMs);
    mesh.kill('n1');
    const n1 = mesh.start('n1');
    n1.use(100);
    mesh.heal();
    mesh.advance(writtenMs);
    expect(mesh.node('n2').budgetRecords().get('key_1/n1')).toMatchObject({ dayTokens: 600 });
    n1.use(400);
    mesh.advance(200);
    expect(mesh.node('n2').code()).toBe('budget_spent');
  });

  it('in the next month begins anew', () => {
    const mesh = new LimitMesh(1, { monthlyTokenBudget: 1000 });
    mesh.node('n1').use(1000);
    mesh.advance(writtenMs);
    const store = mesh.kill('n1');
    mesh.sleep(31 * dayMs);
    expect(mesh.start('n1', store).code()).toBe('in');
  });
});

describe('a budget that is new', () => {
  it('counts what the key used before', async () => {
    const mesh = new LimitMesh(2, { requestsPerMinute: 1000 });
    mesh.sums = (node) => Promise.resolve(node === 'n1' ? [{ key: 'key_1', tokens: 700, costNano: 0 }] : []);
    mesh.setKey({ dailyTokenBudget: 700 });
    mesh.node('n2').node.records.put('keys', 'key_1', {});
    mesh.advance(10_200);
    await turn();
    expect(mesh.node('n1').code()).toBe('budget_spent');
    mesh.advance(200);
    expect(mesh.node('n2').code()).toBe('budget_spent');
  });
});

describe('a newcomer', () => {
  it('knows what was spent as soon as it has the records', () => {
    const mesh = new LimitMesh(2, { dailyTokenBudget: 1000 });
    mesh.node('n1').use(1000);
    mesh.advance(writtenMs);
    mesh.kill('n1');
    mesh.start('n3');
    mesh.heal();
    expect(mesh.node('n3').node.records.isCurrent()).toBe(true);
    expect(mesh.node('n3').code()).toBe('budget_spent');
  });
});

describe('records', () => {
  it('of past months are removed by their own node, and by the leader where that is gone', () => {
    const mesh = new LimitMesh(3, { dailyTokenBudget: 1000 });
    for (const node of mesh.nodes.values()) node.use(10);
    mesh.advance(writtenMs);
    expect(mesh.node('n1').budgetRecords().size).toBe(3);
    mesh.kill('n3');
    for (const id of ['n1', 'n2']) mesh.mesh.believe(id, 'n3', 'dead');
    mesh.sleep(31 * dayMs);
    mesh.advance(3_600_000);
    expect([...mesh.node('n1').budgetRecords().keys()]).toEqual([]);
    expect([...mesh.node('n2').budgetRecords().keys()]).toEqual([]);
    mesh.node('n2').use(10);
    mesh.advance(writtenMs);
    expect([...mesh.node('n1').budgetRecords().keys()]).toEqual(['key_1/n2']);
  });

  it('of keys that are gone are removed by the leader, not at the first look', () => {
    const mesh = new LimitMesh(2, { dailyTokenBudget: 1000 });
    for (const node of mesh.nodes.values()) node.use(10);
    mesh.advance(writtenMs);
    mesh.keys.clear();
    mesh.advance(3_600_000);
    expect(mesh.node('n2').budgetRecords().size).toBe(2);
    mesh.leader = 'n2';
    mesh.advance(3_600_000);
    expect(mesh.node('n2').budgetRecords().size).toBe(0);
    mesh.advance(3_600_000);
    expect(mesh.node('n1').budgetRecords().size).toBe(0);
  });

  it('that somebody else removed are written again while they count', () => {
    const mesh = new LimitMesh(2, { dailyTokenBudget: 1000 });
    mesh.node('n1').use(1000);
    mesh.advance(writtenMs);
    mesh.node('n2').node.records.remove('budgets', 'key_1/n1');
    mesh.advance(writtenMs);
    expect(mesh.node('n2').code()).toBe('budget_spent');
  });

  it('that cannot be read are passed over', () => {
    const mesh = new LimitMesh(2, { dailyTokenBudget: 1000 });
    const n2 = mesh.node('n2');
    const fine = { day: 19675, dayTokens: 1, dayCost: 0, month: 24286, monthTokens: 1, monthCost: 0 };
    const bad = [
      undefined,
      null,
      [],
      'text',
      { ...fine, dayTokens: -5 },
      { ...fine, dayTokens: Number.POSITIVE_INFINITY },
      { ...fine, monthTokens: '900' },
      { ...fine, day: 1.5 },
    ];
    for (const [index, payload] of bad.entries()) n2.node.records.put('budgets', `key_1/x${index}`, payload);
    n2.node.records.put('budgets', 'no-node', fine);
    n2.node.records.put('budgets', '/n5', fine);
    mesh.advance(200);
    mesh.node('n1').use(999);
    expect(mesh.node('n1').code()).toBe('in');
    n2.node.records.put('budgets', 'key_1/n2', fine);
    mesh.advance(200);
    expect(mesh.node('n1').code()).toBe('budget_spent');
  });
});
