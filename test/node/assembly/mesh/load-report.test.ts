import { expect, test } from 'vitest';
import { loadPrefix } from '../../../../node/assembly/mesh/keys.ts';
import { at } from '../../accounts/pool.ts';
import { meshOfAccounts } from './mesh-of-accounts.ts';

test('what is in flight and was served elsewhere is added up, and goes with the member that dies', () => {
  const { mesh, nodes, settle } = meshOfAccounts(3, ['a']);
  const [one, two, three] = [at(nodes, 0), at(nodes, 1), at(nodes, 2)];
  const running = [one.begin('a'), one.begin('a'), two.begin('a')];
  one.serve('a');
  settle();
  expect(three.account('a').remote).toMatchObject({ inFlight: 3, served: 4 });
  running[0]?.succeed(one.mesh.clock.nowMs(), 1);
  settle();
  expect(three.account('a').remote.inFlight).toBe(2);
  mesh.kill('n1');
  for (const other of ['n2', 'n3']) mesh.believe(other, 'n1', 'dead');
  settle();
  expect(three.account('a').remote).toMatchObject({ inFlight: 1, served: 1 });
});

test('a thousand requests cost no more messages than one a sample', () => {
  const { mesh, nodes } = meshOfAccounts(2, ['a']);
  const one = at(nodes, 0);
  const pushes = () => mesh.network.sent.get('gossip/push') ?? 0;
  const before = pushes();
  for (let n = 0; n < 1000; n++) {
    one.serve('a');
    mesh.advance(1);
  }
  expect(pushes() - before).toBeLessThanOrEqual(1000 / 50 + 2);
  expect(pushes() - before).toBeGreaterThan(5);
});

test('nothing is said while nothing changes, and what was said of an account goes with it', () => {
  const { mesh, nodes, settle } = meshOfAccounts(2, ['a']);
  const [one, two] = [at(nodes, 0), at(nodes, 1)];
  one.serve('a');
  settle();
  const before = mesh.network.sent.get('gossip/push');
  mesh.advance(10_000);
  expect(mesh.network.sent.get('gossip/push')).toBe(before);
  one.accounts.remove('a');
  settle();
  expect(two.mesh.gossip.get('n1', `${loadPrefix}a`)).toBeUndefined();
  expect(two.account('a').remote).toMatchObject({ inFlight: 0, served: 0 });
});

test('what no node of ours would say is passed over', () => {
  const { nodes, settle } = meshOfAccounts(2, ['a']);
  const [one, two] = [at(nodes, 0), at(nodes, 1)];
  for (const load of ['x', [], [1], [-1, 2, 0, 0], [1, 1e300, 0, 0], [NaN, 1, 0, 0], { 0: 1, 1: 1 }]) {
    one.mesh.gossip.set(`${loadPrefix}a`, load, true);
    settle();
    expect(two.account('a').remote).toMatchObject({ inFlight: 0, served: 0 });
  }
});
