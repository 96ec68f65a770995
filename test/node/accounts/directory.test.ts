import { expect, test } from 'vitest';
import type { AccountObserver } from '../../../node/accounts/observer.ts';
import { RemoteStandings } from '../../../node/accounts/remote-standing.ts';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import { at, idleUpstream, pool } from './pool.ts';

const broken = protocolFaults.upstream_error('the upstream failed');

function recorder(): { told: string[]; observer: AccountObserver } {
  const told: string[] = [];
  const observer: AccountObserver = {
    breakerOpened: ({ account, model, origin }) => told.push(`opened ${account.id} ${model ?? '-'} ${origin}`),
    breakerClosed: ({ account, model, origin }) => told.push(`closed ${account.id} ${model ?? '-'} ${origin}`),
    restStarted: ({ account, untilMs, nowMs }) => told.push(`rests ${account.id} ${untilMs - nowMs}`),
    restEnded: ({ account }) => told.push(`rested ${account.id}`),
    accountChanged: (account, change, origin) => told.push(`${change} ${account.id} ${origin}`),
  };
  return { told, observer };
}

test('every change raises the version and is told', () => {
  const { accounts } = pool(1);
  const { told, observer } = recorder();
  accounts.observe(observer);
  const versions = [accounts.version];
  const note = () => versions.push(accounts.version);
  accounts.disable('a0');
  note();
  accounts.enable('a0', 'remote');
  note();
  accounts.update('a0', { weight: 3, group: 'g', models: ['x'] });
  note();
  accounts.add({ definition: { id: 'b', provider: 'oci' }, upstream: idleUpstream });
  note();
  accounts.remove('b');
  note();
  at(accounts.all, 0).weight = 7;
  note();
  expect(versions).toEqual([...new Set(versions)].sort((left, right) => left - right));
  expect(told).toEqual(['disabled a0 own', 'enabled a0 remote', 'updated a0 own', 'added b own', 'removed b own']);
  expect([at(accounts.all, 0).weight, at(accounts.all, 0).group]).toEqual([7, 'g']);
});

test('ids are unique, and unknown ones are refused', () => {
  const { accounts } = pool(1);
  const again = { definition: { id: 'a0', provider: 'oci' as const }, upstream: idleUpstream };
  expect(() => accounts.add(again)).toThrow(expect.objectContaining({ code: 'account_exists', status: 409 }));
  for (const call of [() => accounts.remove('x'), () => accounts.reset('x'), () => accounts.update('x', {})]) {
    expect(call).toThrow(expect.objectContaining({ code: 'account_not_found', status: 404 }));
  }
});

test('breakers and rests are told to observers, with the model where only that is meant', () => {
  const { accounts, all, clock } = pool(1);
  const { told, observer } = recorder();
  accounts.observe(observer);
  const account = at(all, 0);
  const fail = (model: string, fault = broken) => account.begin(clock.nowMs(), model)?.fail(clock.nowMs(), fault);
  for (let each = 0; each < 5; each++) fail('m');
  clock.advance(300_000);
  account.begin(clock.nowMs(), 'm')?.succeed(clock.nowMs(), 1);
  for (let each = 0; each < 5; each++) fail('big', protocolFaults.upstream_error('x', { scope: 'model' }));
  fail('m', protocolFaults.upstream_rate_limited('x', { retryAfterMs: 400_000 }));
  clock.advance(300_000);
  account.begin(clock.nowMs(), 'm')?.succeed(clock.nowMs(), 1);
  expect(told).toEqual(['opened a0 - own', 'closed a0 - own', 'opened a0 big own', 'rests a0 400000', 'rested a0']);
});

test("another node's breaker is believed, unless this node served there since", () => {
  const { accounts, all, clock } = pool(1);
  const { told, observer } = recorder();
  const remote = new RemoteStandings(accounts, [observer]);
  const account = at(all, 0);
  const notice = { accountId: 'a0', model: undefined, nowMs: clock.nowMs() };
  account.begin(clock.nowMs(), 'm')?.succeed(clock.nowMs(), 1);
  expect(remote.breakerOpened(notice, clock.nowMs() - 1, clock.nowMs() + 60_000)).toBe(false);
  expect(account.canServe(clock.nowMs(), 'm')).toBe(true);
  expect(remote.breakerOpened(notice, clock.nowMs() + 1, clock.nowMs() + 60_000)).toBe(true);
  expect(account.canServe(clock.nowMs(), 'm')).toBe(false);
  remote.breakerClosed(notice);
  expect(account.canServe(clock.nowMs(), 'm')).toBe(true);
  remote.restStarted(notice, clock.nowMs() + 5_000);
  expect(account.canServe(clock.nowMs(), 'm')).toBe(false);
  remote.restEnded(notice);
  expect(account.canServe(clock.nowMs(), 'm')).toBe(true);
  expect(told).toEqual(['opened a0 - remote', 'closed a0 - remote', 'rests a0 5000', 'rested a0']);
  expect(remote.breakerOpened({ ...notice, accountId: 'gone' }, 0, Infinity)).toBe(false);
  expect(remote.breakerOpened(notice, clock.nowMs() + 1, Number.NaN)).toBe(false);
});

test("a foreign opening ends by time as one's own does, and never later", () => {
  const { accounts, all, clock } = pool(1);
  const notice = { accountId: 'a0', model: undefined, nowMs: clock.nowMs() };
  new RemoteStandings(accounts).breakerOpened(notice, clock.nowMs() + 1, clock.nowMs() + 1e12);
  let touched = 0;
  accounts.onTouch(() => touched++);
  clock.advance(300_000);
  expect(touched).toBe(1);
  expect(at(all, 0).breakerState(clock.nowMs())).toBe('half-open');
});

test('half-open trials can be left to another node', () => {
  const { accounts, all, clock } = pool(1);
  const account = at(all, 0);
  let isOurs = false;
  accounts.setTrialGate(() => isOurs);
  expect(account.canServe(clock.nowMs(), 'm')).toBe(true);
  for (let each = 0; each < 5; each++) account.begin(clock.nowMs(), 'm')?.fail(clock.nowMs(), broken);
  clock.advance(300_000);
  expect(account.begin(clock.nowMs(), 'm')).toBeUndefined();
  isOurs = true;
  expect(account.begin(clock.nowMs(), 'm')).toBeDefined();
});

test('a reset closes everything, and a removed account leaves no timer', () => {
  const { accounts, all, clock } = pool(1);
  const account = at(all, 0);
  const limited = protocolFaults.upstream_rate_limited('x', { retryAfterMs: 60_000, scope: 'model' });
  account.begin(clock.nowMs(), 'big')?.fail(clock.nowMs(), limited);
  for (let each = 0; each < 5; each++) account.begin(clock.nowMs(), 'm')?.fail(clock.nowMs(), broken);
  accounts.resetAll();
  expect([account.canServe(clock.nowMs(), 'm'), account.canServe(clock.nowMs(), 'big')]).toEqual([true, true]);
  expect(account.errorCount).toBe(6);
  accounts.remove('a0');
  expect(clock.pendingCount).toBe(0);
});

test('the load of other nodes replaces what was said before; strategies hear of changes alone', () => {
  const { accounts, all } = pool(1);
  const remote = new RemoteStandings(accounts);
  const heard: string[] = [];
  accounts.onTouch(() => heard.push('touch'));
  accounts.onCapacity(() => heard.push('capacity'));
  remote.load('a0', { inFlight: 3, served: 10 });
  remote.load('a0', { inFlight: 3, served: 10 });
  remote.load('gone', { inFlight: 1, served: 1 });
  expect(at(all, 0).remote).toEqual({ inFlight: 3, served: 10 });
  expect(heard).toEqual(['touch']);
});
