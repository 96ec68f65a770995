import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { silentLog } from '../../../../kit/log.ts';
import { OwnNetwork } from '../../../../node/assembly/mesh/own-network.ts';
import { forwardFaults } from '../../../../node/forward/faults.ts';
import { at, idleUpstream, pool } from '../../accounts/pool.ts';
import { meshOfAccounts } from './mesh-of-accounts.ts';

const silent = forwardFaults.upstream_unreachable('nothing answers');

test('a member whose every account falls silent while others are well is not believed, and what it said is undone', () => {
  const { nodes, settle } = meshOfAccounts(3, ['a', 'b']);
  const [one, two] = [at(nodes, 0), at(nodes, 1)];
  one.fail('a', silent);
  settle();
  expect(two.breaker('a')).toBe('open');
  expect(one.ownNetwork).toEqual([]);
  one.fail('b', silent);
  settle();
  expect(one.ownNetwork).toEqual([true]);
  for (const node of nodes.slice(1)) expect([node.breaker('a'), node.breaker('b')]).toEqual(['closed', 'closed']);
  expect(one.breaker('a')).toBe('open');
});

test('what others found out as well stands when such a member takes its word back', () => {
  const { nodes, settle } = meshOfAccounts(3, ['a', 'b']);
  const [one, two, three] = [at(nodes, 0), at(nodes, 1), at(nodes, 2)];
  two.fail('a');
  one.fail('a', silent);
  settle();
  one.fail('b', silent);
  settle();
  expect(one.ownNetwork).toEqual([true]);
  expect([two.breaker('a'), three.breaker('a')]).toEqual(['open', 'open']);
  expect([two.breaker('b'), three.breaker('b')]).toEqual(['closed', 'closed']);
});

test('is not suspected where one host alone is silent, where some account answers badly, or nobody else is well', () => {
  const { nodes, settle } = meshOfAccounts(2, ['a', 'b']);
  const one = at(nodes, 0);
  one.fail('a', silent);
  one.fail('b');
  settle();
  expect(one.ownNetwork).toEqual([]);

  const alone = meshOfAccounts(1, ['a', 'b']);
  for (const id of ['a', 'b']) at(alone.nodes, 0).fail(id, silent);
  alone.settle();
  expect(at(alone.nodes, 0).ownNetwork).toEqual([]);
});

test('is well again once a host is reached, and holds nothing against the accounts', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { accounts, clock } = pool(0);
  const reachable = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const entries = [
    ['a', 'http://127.0.0.1:1'],
    ['b', reachable],
  ] as const;
  for (const [id, origin] of entries)
    accounts.add({ definition: { id, provider: 'openai-custom' }, upstream: { ...idleUpstream, origin } });
  const recovered = Promise.withResolvers<void>();
  const said: boolean[] = [];
  const network = new OwnNetwork({
    clock,
    accounts,
    log: silentLog,
    isAnyOtherWell: () => true,
    onChange: (isAtFault) => {
      said.push(isAtFault);
      if (!isAtFault) recovered.resolve();
    },
  });
  network.start();
  for (const { id } of accounts.all)
    for (let n = 0; n < 5; n++) accounts.get(id)?.begin(clock.nowMs(), 'm')?.fail(clock.nowMs(), silent);
  expect([network.isAtFault, said]).toEqual([true, [true]]);
  clock.advance(3000);
  await recovered.promise;
  server.close();
  expect([network.isAtFault, said]).toEqual([false, [true, false]]);
  expect(accounts.all.map((account) => account.breakerState(clock.nowMs()))).toEqual(['closed', 'closed']);
  network.stop();
});

test('tries the hosts of the accounts that there are now, one round at a time', async () => {
  const { accounts, clock } = pool(0);
  const open = (id: string) =>
    accounts.add({
      definition: { id, provider: 'openai-custom' },
      upstream: { ...idleUpstream, origin: `http://${id}:80` },
    });
  const tried: string[] = [];
  const answers: ((isReached: boolean) => void)[] = [];
  const network = new OwnNetwork({
    clock,
    accounts,
    log: silentLog,
    isAnyOtherWell: () => true,
    onChange: () => undefined,
    reaches: (host) => {
      tried.push(host);
      return new Promise((done) => answers.push(done));
    },
  });
  network.start();
  for (const id of ['a', 'b']) open(id);
  for (const account of accounts.all)
    for (let n = 0; n < 5; n++) account.begin(clock.nowMs(), 'm')?.fail(clock.nowMs(), silent);
  clock.advance(9000);
  expect(tried).toEqual(['a', 'b']);
  accounts.remove('a');
  open('c');
  for (const answer of answers.splice(0)) answer(false);
  await new Promise(setImmediate);
  clock.advance(3000);
  expect(tried).toEqual(['a', 'b', 'b', 'c']);
  network.stop();
  for (const answer of answers) answer(true);
  await new Promise(setImmediate);
  expect(network.isAtFault).toBe(true);
});
