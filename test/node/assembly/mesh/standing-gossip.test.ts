import { expect, test } from 'vitest';
import { protocolFaults } from '../../../../node/protocols/faults.ts';
import { breakerPrefix, restPrefix } from '../../../../node/assembly/mesh/keys.ts';
import { at } from '../../accounts/pool.ts';
import { meshOfAccounts } from './mesh-of-accounts.ts';

const limited = protocolFaults.upstream_rate_limited('slow down', { retryAfterMs: 60_000, scope: 'account' });

function three(ids: readonly string[] = ['a']) {
  const { mesh, nodes, settle } = meshOfAccounts(3, ids);
  return { mesh, settle, all: nodes, one: at(nodes, 0), two: at(nodes, 1), three: at(nodes, 2) };
}

test('an opening is believed by all, and told on by none of those that believe', () => {
  const { one, two, all, settle } = three();
  one.fail('a');
  settle();
  expect(all.map((node) => node.breaker('a'))).toEqual(['open', 'open', 'open']);
  expect([one.heardOpen, two.heardOpen]).toEqual([[], ['a']]);
  expect(two.mesh.gossip.get('n2', `${breakerPrefix}a`)).toBeUndefined();
});

test('an opening is not believed by a member that had a success since', () => {
  const { mesh, one, two, three: last, settle } = three();
  one.fail('a');
  // Before the news arrives, but after the failure.
  mesh.clock.advance(0.5);
  two.serve('a');
  settle();
  expect([two.breaker('a'), last.breaker('a')]).toEqual(['closed', 'open']);
});

test('the trial is made by the owner on the ring, and by anyone once that one was idle for two seconds', () => {
  const { mesh, one, all, settle } = three();
  one.fail('a');
  settle();
  const { recoveryMs } = one.accounts.breakerOptions;
  mesh.advance(recoveryMs - 1500 + 1);
  const may = all.filter((node) => node.mayServe('a')).map((node) => node.mesh.id);
  expect(may).toEqual([one.ring.owner('account/a')]);
  mesh.advance(2001);
  expect(all.every((node) => node.mayServe('a'))).toBe(true);
});

test("the trial's success closes for all and takes the opening back", () => {
  const { mesh, one, all, settle } = three();
  one.fail('a');
  settle();
  mesh.advance(one.accounts.breakerOptions.recoveryMs);
  const owner = all.find((node) => node.ring.isOwn('account/a'));
  owner?.serve('a');
  settle();
  expect(all.map((node) => node.breaker('a'))).toEqual(['closed', 'closed', 'closed']);
  const openings = all.filter((node) =>
    JSON.stringify(node.mesh.gossip.get('n1', `${breakerPrefix}a`) ?? {}).includes('until'),
  );
  expect(openings).toEqual([]);
  // Who comes later is not told of an outage that is over.
  mesh.advance(60_001);
  settle();
  for (const id of ['n1', 'n2', 'n3']) expect(one.mesh.gossip.get(id, `${breakerPrefix}a`)).toBeUndefined();
});

test('a verdict from before the latest failures closes nothing, in whichever order the words come', () => {
  const { one, two, three: last, settle } = three();
  const verdict = { open: false, at: one.mesh.clock.nowMs() - 1 };
  one.fail('a');
  two.mesh.gossip.set(`${breakerPrefix}a`, verdict, true);
  settle();
  expect([one.breaker('a'), last.breaker('a')]).toEqual(['open', 'open']);
  one.add('b');
  one.fail('b');
  two.mesh.gossip.set(`${breakerPrefix}b`, verdict, true);
  settle();
  last.add('b');
  expect(last.breaker('b')).toBe('open');
});

test('a reset anywhere closes everywhere, ends rests, and voids what was said before it', () => {
  const { mesh, one, two, all, settle } = three(['a', 'b']);
  one.fail('a');
  one.begin('b').fail(one.mesh.clock.nowMs(), limited);
  settle();
  expect(all.map((node) => node.account('b').restsUntilMs(node.mesh.clock.nowMs()) !== undefined)).toEqual([
    true,
    true,
    true,
  ]);
  mesh.advance(10);
  two.accounts.reset('a');
  two.accounts.reset('b');
  settle();
  expect(all.map((node) => node.breaker('a'))).toEqual(['closed', 'closed', 'closed']);
  expect(all.map((node) => node.account('b').restsUntilMs(node.mesh.clock.nowMs()))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  for (const node of all)
    for (const key of [`${breakerPrefix}a`, `${restPrefix}b`]) expect(node.mesh.gossip.get('n1', key)).toBeUndefined();
  // An older word that arrives late.
  const atMs = one.changes.resetAtMs('a') - 1;
  one.mesh.gossip.set(`${breakerPrefix}a`, { open: true, at: atMs, until: atMs + 60_000 }, true);
  settle();
  expect(two.breaker('a')).toBe('closed');
});

test('a rest after a 429 holds everywhere, also after the member that told of it died', () => {
  const { mesh, one, two, settle } = three();
  one.begin('a').fail(one.mesh.clock.nowMs(), limited);
  settle();
  mesh.kill('n1');
  mesh.believe('n2', 'n1', 'dead');
  settle();
  expect(two.account('a').restsUntilMs(two.mesh.clock.nowMs())).toBeGreaterThan(two.mesh.clock.nowMs() + 50_000);
  expect(two.mayServe('a')).toBe(false);
});

test('an account that is new here takes what the others say of it already', () => {
  const { one, two, settle } = three();
  one.add('late');
  one.fail('late');
  settle();
  two.add('late');
  expect(two.breaker('late')).toBe('open');
});

test('what no node of ours would say is passed over', () => {
  const { one, two, settle } = three();
  const nowMs = one.mesh.clock.nowMs();
  for (const word of [
    'open',
    { open: true },
    { open: true, at: 'x', until: nowMs + 9999 },
    { open: true, at: nowMs, until: NaN },
  ]) {
    one.mesh.gossip.set(`${breakerPrefix}a`, word, true);
    one.mesh.gossip.set(`${restPrefix}a`, word, true);
    settle();
    expect([two.breaker('a'), two.mayServe('a')]).toEqual(['closed', true]);
  }
});

test('what a member says whose clock is ahead does not void what others find out later', () => {
  const { mesh, one, two, three: last, settle } = three();
  one.mesh.clock.wallOffsetMs = 8000;
  one.fail('a');
  settle();
  expect([two.breaker('a'), last.breaker('a')]).toEqual(['open', 'open']);
  mesh.advance(one.accounts.breakerOptions.recoveryMs + 2001);
  one.serve('a');
  settle();
  expect([two.breaker('a'), last.breaker('a')]).toEqual(['closed', 'closed']);
  two.fail('a');
  settle();
  expect([two.breaker('a'), last.breaker('a')]).toEqual(['open', 'open']);
});

test('nor does its reset', () => {
  const { one, two, three: last, settle } = three();
  one.mesh.clock.wallOffsetMs = 8000;
  two.fail('a');
  settle();
  one.accounts.reset('a');
  settle();
  expect([two.breaker('a'), last.breaker('a')]).toEqual(['closed', 'closed']);
  two.fail('a');
  settle();
  expect([two.breaker('a'), last.breaker('a')]).toEqual(['open', 'open']);
});
