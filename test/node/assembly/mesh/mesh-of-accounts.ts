import type { SelfHealth } from '../../../../cluster/contract.ts';
import { healthKey } from '../../../../cluster/mesh.ts';
import { RendezvousRing } from '../../../../cluster/ring.ts';
import { silentLog } from '../../../../kit/log.ts';
import type { PooledAccount } from '../../../../node/accounts/account.ts';
import { Accounts } from '../../../../node/accounts/directory.ts';
import { NodeMesh } from '../../../../node/assembly/mesh/node-mesh.ts';
import { OwnHealth } from '../../../../node/assembly/mesh/own-health.ts';
import { SharedChanges } from '../../../../node/assembly/mesh/shared-changes.ts';
import { Readiness } from '../../../../node/http/readiness.ts';
import { PropagationTimes } from '../../../../node/metrics/cluster-metrics.ts';
import { protocolFaults } from '../../../../node/protocols/faults.ts';
import { StateMesh, type MeshNode } from '../../../cluster/state-mesh/state-mesh.ts';
import { idleUpstream } from '../../accounts/pool.ts';

const broken = protocolFaults.upstream_error('the upstream failed');

/** A member with accounts: what a node's assembly joins, over simulated gossip and records. */
export class AccountNode {
  readonly accounts: Accounts;
  readonly mesh: MeshNode;
  readonly changes: SharedChanges;
  readonly nodeMesh: NodeMesh;
  readonly ring: RendezvousRing;
  /** What was said of this node's own network, in order. */
  readonly ownNetwork: boolean[] = [];
  /** Ids whose breakers opened by another's word. */
  readonly heardOpen: string[] = [];

  constructor(mesh: MeshNode) {
    const { clock, gossip: state, membership: members } = mesh;
    this.mesh = mesh;
    this.accounts = new Accounts({ clock, breaker: { recoveryMs: 10_000 } });
    this.changes = new SharedChanges(mesh.records);
    this.ring = new RendezvousRing(members, () => true);
    const health = new OwnHealth(
      { setHealth: (said: SelfHealth) => state.set(healthKey, said, true) },
      new Readiness(),
    );
    this.nodeMesh = new NodeMesh({
      mesh: { members, state, ring: this.ring },
      clock,
      log: silentLog,
      accounts: this.accounts,
      changes: this.changes,
      propagation: new PropagationTimes(),
      observers: [{ breakerOpened: ({ account }) => void this.heardOpen.push(account.id) }],
      onOwnNetwork: (isAtFault) => {
        this.ownNetwork.push(isAtFault);
        health.networkAtFault(isAtFault);
      },
    });
    this.nodeMesh.start();
    this.changes.watch({
      account: () => undefined,
      algorithm: () => undefined,
      reset: (id) => this.nodeMesh.followReset(id),
      changed: () => undefined,
    });
    health.joined();
  }

  add(id: string, origin = 'http://127.0.0.1:9'): PooledAccount {
    return this.accounts.add({
      definition: { id, provider: 'openai-custom' },
      upstream: { ...idleUpstream, origin },
    });
  }

  account(id: string): PooledAccount {
    const account = this.accounts.get(id);
    if (account === undefined) throw new Error(`there is no account ${id}`);
    return account;
  }

  /** Requests that fail, enough of them to open the breaker. */
  fail(id: string, fault = broken): void {
    for (let n = 0; n < 5; n++) this.begin(id).fail(this.mesh.clock.nowMs(), fault);
  }

  serve(id: string): void {
    this.begin(id).succeed(this.mesh.clock.nowMs(), 5);
  }

  begin(id: string) {
    const attempt = this.account(id).begin(this.mesh.clock.nowMs(), 'm');
    if (attempt === undefined) throw new Error(`${this.mesh.id} may not use ${id} now`);
    return attempt;
  }

  /** Whether a request, or a trial, may begin now; begins none. */
  mayServe(id: string): boolean {
    return this.account(id).canServe(this.mesh.clock.nowMs(), 'm');
  }

  breaker(id: string): string {
    return this.account(id).breakerState(this.mesh.clock.nowMs());
  }
}

export interface MeshOfAccounts {
  readonly mesh: StateMesh;
  readonly nodes: readonly AccountNode[];
  /** Lets news travel. */
  settle(): void;
}

/** Members `n1`, `n2` … that know each other, each with the accounts. */
export function meshOfAccounts(count: number, accountIds: readonly string[]): MeshOfAccounts {
  const mesh = new StateMesh();
  const nodes = Array.from({ length: count }, (_, index) => new AccountNode(mesh.start(`n${index + 1}`)));
  mesh.joinAll();
  for (const node of nodes) for (const [n, id] of accountIds.entries()) node.add(id, `http://127.0.0.1:${n + 1}`);
  const settle = () => mesh.advance(1500);
  settle();
  return { mesh, nodes, settle };
}
