import { beforeEach, describe, expect, it } from 'vitest';
import { tmpdir } from 'node:os';
import { accountDetail } from '../../../node/accounts/stats.ts';
import { explainUnavailable } from '../../../node/routing/explain.ts';
import { MetricsRegistry } from '../../../node/metrics/registry.ts';
import { exposeAccounts } from '../../../node/metrics/account-metrics.ts';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import { meshOf, type StateMesh } from '../../cluster/state-mesh/state-mesh.ts';
import { configured, keeperRig, type KeeperRig } from './keeper-rig.ts';

const suspended = protocolFaults.upstream_account_suspended('the user is suspended');
const settings = [configured('a', { weight: 7 }), configured('b', { api_key: 'sk-2' })];

let mesh: StateMesh;
let one: KeeperRig;
let other: KeeperRig;

beforeEach(() => {
  mesh = meshOf(2);
  one = rigOf('n1');
  other = rigOf('n2');
  for (const { keeper } of [one, other]) keeper.load(settings);
});

function rigOf(id: string): KeeperRig {
  const { clock, records } = mesh.node(id);
  return keeperRig(clock, records, tmpdir());
}

/** A request that ends as the upstream's word says. */
function fail(rig: KeeperRig, id = 'a', fault = suspended): void {
  const { clock } = mesh.node(rig === one ? 'n1' : 'n2');
  rig.accounts.get(id)?.begin(clock.nowMs(), 'm')?.fail(clock.nowMs(), fault);
}

function stateOf({ accounts }: KeeperRig, id = 'a'): unknown {
  const account = accounts.get(id);
  return [account?.enabled, account?.unavailableReason];
}

/** Lets news travel, while what waits for it goes on. */
async function settle(action: Promise<unknown> | void = undefined): Promise<void> {
  mesh.advance(1500);
  await action;
}

const isOut = [false, 'the user is suspended'];
const isIn = [true, undefined];

describe('a fault of penalty disable', () => {
  it('takes the account out at once, and at the other member, with its reason', async () => {
    fail(one);
    expect([stateOf(one), stateOf(other)]).toEqual([isOut, isIn]);
    await settle();
    expect([stateOf(other), stateOf(one, 'b')]).toEqual([isOut, isIn]);
    expect(one.log.lines).toEqual([
      'error account a is disabled until a person enables it or changes its credential: the user is suspended',
    ]);
    expect(other.log.lines).toEqual(['warn account a is disabled since its upstream said: the user is suspended']);
    expect(one.accounts.get('a')?.weight).toBe(7);
  });

  it('is kept over a restart and over a reload, and shown then', async () => {
    fail(one);
    await settle();
    one.keeper.load(settings);
    const restarted = rigOf('n1');
    restarted.keeper.load(settings);
    expect([stateOf(one), stateOf(restarted), stateOf(restarted, 'b')]).toEqual([isOut, isOut, isIn]);
    expect(restarted.log.lines).toEqual(['warn account a is disabled since its upstream said: the user is suspended']);
  });

  it('says nothing about an account that a person disabled already, nor by a request from before it was enabled', () => {
    const { clock } = mesh.node('n1');
    const attempts = [1, 2].map(() => one.accounts.get('a')?.begin(clock.nowMs(), 'm'));
    one.keeper.change('a', { enabled: false });
    attempts[0]?.fail(clock.nowMs(), suspended);
    expect(stateOf(one)).toEqual([false, undefined]);
    mesh.advance(10);
    one.keeper.change('a', { enabled: true });
    attempts[1]?.fail(clock.nowMs(), suspended);
    expect([stateOf(one), one.log.lines]).toEqual([isIn, []]);
  });

  it('means nothing where the fault is the client’s own', () => {
    fail(one, 'a', protocolFaults.invalid_request('your own', { penalty: 'disable' }));
    expect(stateOf(one)).toEqual(isIn);
  });

  it('is counted by account and code', async () => {
    fail(one);
    one.keeper.change('a', { enabled: true });
    mesh.advance(10);
    fail(one);
    fail(one, 'b', protocolFaults.upstream_not_entitled('no subscription'));
    const registry = new MetricsRegistry({ processMetrics: false });
    exposeAccounts(registry, mesh.node('n1').clock, () => one.accounts.all);
    const page = await registry.render();
    expect(page).toContain('aiproxy_account_disabled_total{account="a",code="upstream_account_suspended"} 2');
    expect(page).toContain('aiproxy_account_disabled_total{account="b",code="upstream_not_entitled"} 1');
  });
});

describe('it is lifted', () => {
  beforeEach(async () => {
    fail(one);
    await settle();
  });

  it.each([
    ['enable', (rig: KeeperRig) => rig.keeper.change('a', { enabled: true })],
    ['another credential', (rig: KeeperRig) => rig.keeper.change('a', { api_key: 'sk-new' })],
  ])('everywhere by %s at any member', async (_, lift) => {
    lift(other);
    await settle(other.keeper.persist('a'));
    expect([stateOf(one), stateOf(other)]).toEqual([isIn, isIn]);
    const restarted = rigOf('n1');
    restarted.keeper.load(settings);
    expect(stateOf(restarted)).toEqual(isIn);
  });

  it('everywhere by a reset at any member', async () => {
    const reset = other.keeper.reset('a');
    await settle(reset);
    expect([stateOf(one), stateOf(other)]).toEqual([isIn, isIn]);
    expect(one.changes.account('a')).toBeUndefined();
  });

  it('by another credential in the configuration', () => {
    const next = [configured('a', { api_key: 'sk-new' }), ...settings.slice(1)];
    one.keeper.load(next);
    expect(stateOf(one)).toEqual(isIn);
  });

  it('not by a change of something else', async () => {
    one.keeper.change('a', { weight: 3 });
    await settle(one.keeper.persist('a'));
    expect([stateOf(one), stateOf(other), other.accounts.get('a')?.weight]).toEqual([isOut, isOut, 3]);
  });

  it('with the account: one of the same name that is made anew is in', async () => {
    one.keeper.remove('a');
    await settle(one.keeper.persist('a'));
    one.keeper.add({ id: 'a', provider: 'qwen-api', api_key: 'sk-1' });
    await settle(one.keeper.persist('a'));
    expect([stateOf(one), stateOf(other)]).toEqual([isIn, isIn]);
  });
});

it('an account made at run time is taken out and kept out as well', async () => {
  one.keeper.add({ id: 'c', provider: 'qwen-api', api_key: 'sk-3' });
  await settle(one.keeper.persist('c'));
  fail(other, 'c');
  await settle();
  expect([stateOf(one, 'c'), stateOf(other, 'c')]).toEqual([isOut, isOut]);
  await settle(one.keeper.reset('c'));
  expect([stateOf(one, 'c'), stateOf(other, 'c')]).toEqual([isIn, isIn]);
});

it('shows the reason where accounts are shown, and to clients that no other account can serve', async () => {
  fail(one);
  const { clock } = mesh.node('n1');
  const account = one.accounts.get('a');
  expect(account && accountDetail(account, clock.nowMs())).toMatchObject({
    enabled: false,
    is_available: false,
    unavailable_reason: 'the user is suspended',
  });
  expect(explainUnavailable(account ? [account] : [], 'm', clock.nowMs())).toMatchObject({
    code: 'no_available_accounts',
    message: 'No available accounts: the user is suspended',
  });
});
