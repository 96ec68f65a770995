import { expect, test } from 'vitest';
import { ClusterView } from '../../../../node/assembly/mesh/cluster-view.ts';
import { breakerPrefix, loadPrefix, nodeLoadKey } from '../../../../node/assembly/mesh/keys.ts';
import { clusterStatusSchema } from '../../../../node/http/routes/cluster-shapes.ts';
import { ManualClock } from '../../../manual-clock.ts';
import { at } from '../../accounts/pool.ts';
import { loneMesh } from './lone-mesh.ts';
import { meshOfAccounts, type AccountNode } from './mesh-of-accounts.ts';

function viewOf(node: AccountNode): ClusterView {
  const lone = loneMesh(new ManualClock());
  lone.begin(() => undefined);
  const { id: self, membership: members, gossip: state, clock } = node.mesh;
  const { leadership, joining } = lone;
  const mesh = { self, members, state, leadership, joining, isConverged: () => true };
  return new ClusterView({
    mesh,
    accounts: node.accounts,
    clock,
    version: '1.2.3',
    inFlight: () => 7,
    cacheEpoch: () => 'e1',
    tokens: () => [],
  });
}

test('shows what each member says of the accounts, and nothing of those that died', () => {
  const { mesh, nodes, settle } = meshOfAccounts(3, ['a', 'b']);
  const [one, two, three] = [at(nodes, 0), at(nodes, 1), at(nodes, 2)];
  one.fail('b');
  two.begin('a');
  one.begin('a');
  settle();
  const view = viewOf(three);
  const [a, b] = view.status().accounts;
  expect(a).toEqual({
    id: 'a',
    available: true,
    in_flight: { n1: 1, n2: 1, n3: 0 },
    breaker: { n1: 'closed', n2: 'closed', n3: 'closed' },
  });
  expect(b).toMatchObject({ available: false, breaker: { n1: 'open', n2: 'open', n3: 'open' } });
  const members = view.status().members.map(({ node_id, state, self, in_flight }) => [node_id, state, self, in_flight]);
  expect(members.toSorted()).toEqual([
    ['n1', 'alive', false, 1],
    ['n2', 'alive', false, 1],
    ['n3', 'alive', true, 7],
  ]);
  mesh.kill('n1');
  mesh.believe('n3', 'n1', 'dead');
  settle();
  expect(view.status().accounts.map(({ in_flight }) => in_flight)).toEqual([
    { n2: 1, n3: 0 },
    { n2: 0, n3: 0 },
  ]);
  mesh.advance(three.accounts.breakerOptions.recoveryMs);
  expect(view.status().accounts[1]?.breaker).toEqual({ n2: 'half-open', n3: 'half-open' });
});

test('keeps its shape, whatever the others say of themselves', () => {
  const { nodes, settle } = meshOfAccounts(2, ['a']);
  const [one, two] = [at(nodes, 0), at(nodes, 1)];
  const view = viewOf(two);
  for (const value of ['x', null, [], ['x'], { open: true }, -1, [[1]], { open: 'y', at: 1, until: 2 }]) {
    for (const key of [nodeLoadKey, `${loadPrefix}a`, `${breakerPrefix}a`, 'mesh/health'])
      one.mesh.gossip.set(key, value, true);
    settle();
    expect(clusterStatusSchema.safeParse(view.status()).error).toBeUndefined();
  }
});

test('of a node alone names it as its own leader', () => {
  const clock = new ManualClock();
  const mesh = loneMesh(clock);
  const { nodes } = meshOfAccounts(1, []);
  mesh.begin(() => undefined);
  clock.advance(10);
  const view = new ClusterView({
    mesh,
    accounts: at(nodes, 0).accounts,
    clock,
    version: '1.2.3',
    inFlight: () => 0,
    cacheEpoch: () => '',
    tokens: () => [],
  });
  expect(view.status()).toMatchObject({
    node_id: 'lone',
    leader: 'lone',
    joined: true,
    obstacle: null,
    converged: true,
    voters: ['lone'],
    members: [{ node_id: 'lone', state: 'alive', self: true }],
  });
  mesh.halt();
});
