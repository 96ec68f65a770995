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
