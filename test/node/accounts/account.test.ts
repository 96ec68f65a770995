import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '../../../kit/fault.ts';
import type { Attempt } from '../../../node/accounts/contract.ts';
import { lackingMax, modelStandingsMax } from '../../../node/accounts/standings.ts';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import { at, idleUpstream, pool } from './pool.ts';

const broken = protocolFaults.upstream_error('the upstream failed');
const limited = (retryAfterMs?: number, scope: 'account' | 'model' = 'account') =>
  protocolFaults.upstream_rate_limited('slow down', retryAfterMs === undefined ? { scope } : { retryAfterMs, scope });

function begun(attempt: Attempt | undefined): Attempt {
  if (attempt === undefined) throw new Error('no place was free');
  return attempt;
}

test('takes no more than max_concurrency, and gives each place back once', () => {
  const { all, clock } = pool([{ maxConcurrency: 2 }]);
  const account = at(all, 0);
  const first = begun(account.begin(clock.nowMs(), 'm'));
  begun(account.begin(clock.nowMs(), 'm'));
  expect(account.begin(clock.nowMs(), 'm')).toBeUndefined();
  expect([account.canServe(clock.nowMs(), 'm'), account.couldServe(clock.nowMs(), 'm')]).toEqual([false, true]);
  first.succeed(clock.nowMs(), 5);
  first.fail(clock.nowMs(), broken);
  first.release();
  expect(account.inFlight).toBe(1);
  expect([account.requestCount, account.successCount, account.errorCount]).toEqual([2, 1, 0]);
});

test("a client's own 4xx is a served request and nobody's failure", () => {
  const { all, clock } = pool(1);
  const account = at(all, 0);
  for (let each = 0; each < 20; each++) {
    const attempt = begun(account.begin(clock.nowMs(), 'm'));
    attempt.fail(clock.nowMs(), protocolFaults.context_too_long('prompt is too long', { penalty: 'breaker' }));
  }
  expect([account.requestCount, account.errorCount, account.healthScore]).toEqual([20, 0, 100]);
  expect(account.breakerState(clock.nowMs())).toBe('closed');
});

test('five failures open the breaker; after the recovery time one trial at a time closes it', () => {
  const { all, clock, accounts } = pool(1);
  const account = at(all, 0);
  let wakes = 0;
  accounts.onCapacity(() => wakes++);
  for (let each = 0; each < 5; each++) begun(account.begin(clock.nowMs(), 'm')).fail(clock.nowMs(), broken);
  expect(account.breakerState(clock.nowMs())).toBe('open');
  expect(account.couldServe(clock.nowMs(), 'm')).toBe(false);
  const before = wakes;
  clock.advance(300_000);
  expect(wakes).toBe(before + 1);
  const trial = begun(account.begin(clock.nowMs(), 'm'));
  expect(account.begin(clock.nowMs(), 'm')).toBeUndefined();
  trial.succeed(clock.nowMs(), 10);
  expect(account.breakerState(clock.nowMs())).toBe('closed');
  expect(clock.pendingCount).toBe(0);
});

test('an abandoned trial leaves the trial to the next', () => {
  const { all, clock } = pool(1);
  const account = at(all, 0);
  for (let each = 0; each < 5; each++) begun(account.begin(clock.nowMs(), 'm')).fail(clock.nowMs(), broken);
  clock.advance(300_000);
  begun(account.begin(clock.nowMs(), 'm')).abandon();
  expect(account.canServe(clock.nowMs(), 'm')).toBe(true);
});

test('a model that fails on its own keeps only its own requests away', () => {
  const { all, clock } = pool(1);
  const account = at(all, 0);
  const fault = protocolFaults.upstream_error('broken', { scope: 'model' });
  for (let each = 0; each < 5; each++) begun(account.begin(clock.nowMs(), 'big')).fail(clock.nowMs(), fault);
  begun(account.begin(clock.nowMs(), 'small')).fail(clock.nowMs(), limited(20_000, 'model'));
  expect(account.canServe(clock.nowMs(), 'big')).toBe(false);
  expect(account.breakerState(clock.nowMs(), 'big')).toBe('open');
  expect(account.restsUntilMs(clock.nowMs(), 'small')).toBe(clock.nowMs() + 20_000);
  expect(account.canServe(clock.nowMs(), 'other')).toBe(true);
  expect([account.breakerState(clock.nowMs()), account.restsUntilMs(clock.nowMs())]).toEqual(['closed', undefined]);
  clock.advance(300_000);
  begun(account.begin(clock.nowMs(), 'big')).succeed(clock.nowMs(), 1);
  expect(account.breakerState(clock.nowMs(), 'big')).toBe('closed');
  begun(account.begin(clock.nowMs(), 'small')).succeed(clock.nowMs(), 1);
  expect(account.standings.modelCount).toBe(0);
});

test('a 429 rests the account and is no breaker failure; it returns by itself and says so', () => {
  const { all, clock, accounts } = pool(1);
  const account = at(all, 0);
  for (let each = 0; each < 10; each++) {
    begun(account.begin(clock.nowMs(), 'm')).fail(clock.nowMs(), limited(7_000));
    expect(account.canServe(clock.nowMs(), 'm')).toBe(false);
    const heard: string[] = [];
    accounts.onTouch((touched) => heard.push(touched.id));
    clock.advance(7_000);
    expect(heard).toContain('a0');
    expect(account.canServe(clock.nowMs(), 'm')).toBe(true);
  }
  expect(account.breakerState(clock.nowMs())).toBe('closed');
});

test('a long rest lets one request try every five minutes', () => {
  const { all, clock } = pool(1);
  const account = at(all, 0);
  begun(account.begin(clock.nowMs(), 'm')).fail(clock.nowMs(), limited(3_600_000));
  clock.advance(299_999);
  expect(account.begin(clock.nowMs(), 'm')).toBeUndefined();
  clock.advance(1);
  const trial = begun(account.begin(clock.nowMs(), 'm'));
  expect(account.begin(clock.nowMs(), 'm')).toBeUndefined();
  trial.succeed(clock.nowMs(), 5);
  expect(account.restsUntilMs(clock.nowMs())).toBeUndefined();
  expect(account.canServe(clock.nowMs(), 'm')).toBe(true);
});

test('an account that does not have a model is not asked for it again for a while', () => {
  const { all, clock } = pool(1);
  const account = at(all, 0);
  const missing = protocolFaults.upstream_model_not_found('no such model');
  begun(account.begin(clock.nowMs(), 'm')).fail(clock.nowMs(), missing);
  expect([account.canServe(clock.nowMs(), 'm'), account.canServe(clock.nowMs(), 'n')]).toEqual([false, true]);
  clock.advance(600_000);
  expect(account.canServe(clock.nowMs(), 'm')).toBe(true);
});

test('100,000 failing models leave a bounded memory', () => {
  const { all, clock } = pool(1);
  const account = at(all, 0);
  const missing = protocolFaults.upstream_model_not_found('no such model', { scope: 'model', penalty: 'rest' });
  for (let each = 0; each < 100_000; each++) {
    begun(account.begin(clock.nowMs(), `random-${each}`)).fail(clock.nowMs(), missing);
  }
  expect(account.standings.modelCount).toBe(modelStandingsMax);
  expect(account.lacks(clock.nowMs(), 'random-99999')).toBe(true);
  expect(account.lacks(clock.nowMs(), `random-${99_999 - lackingMax}`)).toBe(false);
  expect(clock.pendingCount).toBe(1);
});

test('health falls with failures and slowness, and recovers', () => {
  const { all, clock } = pool([{}, {}], { breaker: { enabled: false } });
  const [quick, slow] = [at(all, 0), at(all, 1)];
  for (let each = 0; each < 50; each++) {
    begun(quick.begin(clock.nowMs(), 'm')).succeed(clock.nowMs(), 100);
    begun(slow.begin(clock.nowMs(), 'm')).succeed(clock.nowMs(), 10_000);
  }
  expect(quick.latencyEwmaMs).toBeCloseTo(100);
  expect(quick.healthScore).toBeGreaterThan(slow.healthScore);
  for (let each = 0; each < 50; each++) begun(quick.begin(clock.nowMs(), 'm')).fail(clock.nowMs(), broken);
  expect(quick.healthScore).toBeLessThan(5);
  for (let each = 0; each < 50; each++) begun(quick.begin(clock.nowMs(), 'm')).succeed(clock.nowMs(), 100);
  expect(quick.healthScore).toBeGreaterThan(90);
});

test('places never leak: after any sequence of beginnings and endings nothing is in flight', () => {
  const faults = [
    broken,
    limited(),
    limited(1_000, 'model'),
    protocolFaults.upstream_error('x', { scope: 'model' }),
    protocolFaults.upstream_overloaded('x'),
    protocolFaults.upstream_rejected('x'),
    protocolFaults.upstream_model_not_found('x'),
  ];
  const step = fc.record({
    kind: fc.constantFrom('begin', 'begin', 'succeed', 'fail', 'abandon', 'twice', 'reset', 'disable', 'enable'),
    pick: fc.nat(),
    passedMs: fc.constantFrom(0, 1, 5_000, 300_000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const { accounts, clock } = pool([{ maxConcurrency: 3 }, {}]);
      const out: Attempt[] = [];
      for (const { kind, pick, passedMs } of steps) {
        clock.advance(passedMs);
        const account = at(accounts.all, pick % 2);
        const attempt = out[pick % Math.max(1, out.length)];
        if (kind === 'begin') {
          const could = account.canServe(clock.nowMs(), `m${pick % 3}`);
          const taken = account.begin(clock.nowMs(), `m${pick % 3}`);
          expect(taken !== undefined).toBe(could);
          if (taken !== undefined) out.push(taken);
        } else if (kind === 'reset') accounts.reset(account.id);
        else if (kind === 'disable') accounts.disable(account.id);
        else if (kind === 'enable') accounts.enable(account.id);
        else if (attempt !== undefined) {
          if (kind === 'succeed') attempt.succeed(clock.nowMs(), 1);
          else if (kind === 'fail') attempt.fail(clock.nowMs(), at(faults, pick % faults.length));
          else attempt.abandon();
          if (kind !== 'twice') out.splice(out.indexOf(attempt), 1);
        }
        expect(at(accounts.all, 0).inFlight).toBeLessThanOrEqual(3);
      }
      for (const attempt of out) attempt.release();
      expect(accounts.all.map((account) => account.inFlight)).toEqual([0, 0]);
      for (const account of accounts.all) accounts.reset(account.id);
      for (const account of accounts.all) accounts.enable(account.id);
      expect(accounts.all.every((account) => account.canServe(clock.nowMs(), 'm0'))).toBe(true);
    }),
  );
});

test('a place is free even when an observer throws', () => {
  const { accounts, all, clock } = pool(1);
  accounts.observe({
    restStarted: () => {
      throw new Fault('test', { source: 'node', retry: 'never', status: 500, summary: '' }, 'observer');
    },
  });
  const attempt = begun(at(all, 0).begin(clock.nowMs(), 'm'));
  expect(() => attempt.fail(clock.nowMs(), limited(1_000))).toThrow('observer');
  expect(at(all, 0).inFlight).toBe(0);
});

test('without an upstream it serves nothing', () => {
  const { accounts, clock } = pool(0);
  const definition = { id: 'k', provider: 'kiro-api' as const };
  const account = accounts.add({ definition, upstream: undefined, unavailableReason: 'not in this version' });
  expect(account.canServe(clock.nowMs(), 'm')).toBe(false);
  expect(account.unavailableReason).toBe('not in this version');
  accounts.update('k', { upstream: idleUpstream, unavailableReason: null });
  expect([account.canServe(clock.nowMs(), 'm'), account.unavailableReason]).toEqual([true, undefined]);
});
