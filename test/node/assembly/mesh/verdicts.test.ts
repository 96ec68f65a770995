import { describe, expect, it } from 'vitest';
import { StandingGossip } from '../../../../node/assembly/mesh/standing-gossip.ts';
import { RemoteStandings } from '../../../../node/accounts/remote-standing.ts';
import { meshOf, type StateMesh } from '../../../cluster/state-mesh/state-mesh.ts';
import { pool } from '../../accounts/pool.ts';

/** A node with one account `a0`, and what it heard from the others, in order. */
function nodeOf(mesh: StateMesh, id: string) {
  const { clock, gossip, membership } = mesh.node(id);
  const { accounts } = pool(1, { clock });
  const heard: string[] = [];
  const told = new StandingGossip({
    clock,
    accounts,
    state: gossip,
    members: membership,
    standings: new RemoteStandings(accounts),
    isBelieved: () => true,
    resetAtMs: () => 0,
    onPropagated: (kind) => heard.push(kind),
  });
  told.start();
  const account = accounts.get('a0')!;
  const notice = () => ({ account, model: undefined, nowMs: clock.nowMs(), origin: 'own' as const });
  return {
    told,
    heard,
    state: () => account.breakerState(clock.nowMs()),
    opens: () => told.breakerOpened({ ...notice(), untilMs: clock.nowMs() + 20_000 }),
    closes: () => told.breakerClosed(notice()),
    says: (node: string) => gossip.get(node, 'breaker/a0'),
  };
}

describe('a verdict on a breaker', () => {
  it('is taken over by the others, and forgotten after a minute', () => {
    const mesh = meshOf(2);
    const [n1, n2] = [nodeOf(mesh, 'n1'), nodeOf(mesh, 'n2')];
    n1.opens();
    mesh.advance(100);
    expect(n2.state()).toBe('open');
    n1.closes();
    mesh.advance(100);
    expect(n2.state()).toBe('closed');
    expect(n2.says('n1')).toMatchObject({ open: false });
    mesh.advance(61_000);
    expect(n1.says('n1')).toBeUndefined();
    expect(n2.says('n1')).toBeUndefined();
  });

  it('that is newer is not forgotten with the one before', () => {
    const mesh = meshOf(2);
    const n1 = nodeOf(mesh, 'n1');
    n1.closes();
    mesh.advance(40_000);
    n1.closes();
    mesh.advance(30_000);
    expect(n1.says('n1')).toMatchObject({ open: false });
  });

  it('is timed where it had an effect, and not where the breaker was closed already', () => {
    const mesh = meshOf(2);
    const [n1, n2] = [nodeOf(mesh, 'n1'), nodeOf(mesh, 'n2')];
    n1.opens();
    mesh.advance(100);
    n1.closes();
    mesh.advance(100);
    expect(n2.heard).toEqual(['breaker', 'breaker']);
    n1.closes();
    mesh.advance(100);
    expect(n2.heard).toEqual(['breaker', 'breaker']);
  });
});
