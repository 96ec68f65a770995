import type { Mesh } from '../../../cluster/contract.ts';
import type { NodeId } from '../../../cluster/membership/contract.ts';
import type { Clock } from '../../../kit/clock.ts';
import type { Log } from '../../../kit/log.ts';
import type { Accounts } from '../../accounts/directory.ts';
import type { AccountObserver } from '../../accounts/observer.ts';
import { RemoteStandings } from '../../accounts/remote-standing.ts';
import type { PropagationTimes } from '../../metrics/cluster-metrics.ts';
import { BreakersHere } from './breakers-here.ts';
import { LoadReport } from './load-report.ts';
import { OwnNetwork } from './own-network.ts';
import type { SharedChanges } from './shared-changes.ts';
import { StandingGossip } from './standing-gossip.ts';
import { trialGate } from './trial-gate.ts';

const healthKey = 'mesh/health';

export interface NodeMeshParts {
  readonly mesh: Pick<Mesh, 'members' | 'state' | 'ring'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly accounts: Accounts;
  readonly changes: SharedChanges;
  readonly propagation: PropagationTimes;
  /** Hear of breakers and rests that others told of; the mesh's own observers are not among them. */
  readonly observers: readonly AccountObserver[];
  /** Called when the network of this node is taken for broken, and when it works again; tells the others. */
  readonly onOwnNetwork: (isAtFault: boolean) => void;
}

/** What the accounts of this node and those of the others have to do with each other. */
export class NodeMesh {
  readonly #parts: NodeMeshParts;
  readonly #load: LoadReport;
  readonly #standings: StandingGossip;
  readonly #breakersHere: BreakersHere;
  readonly #ownNetwork: OwnNetwork;

  constructor(parts: NodeMeshParts) {
    const { mesh, clock, log, accounts, changes, propagation, observers } = parts;
    this.#parts = parts;
    this.#breakersHere = new BreakersHere(mesh.state);
    const standings = new RemoteStandings(accounts, [...observers, this.#breakersHere]);
    this.#load = new LoadReport({ clock, accounts, state: mesh.state, standings });
    this.#standings = new StandingGossip({
      clock,
      accounts,
      state: mesh.state,
      members: mesh.members,
      standings,
      isBelieved: (node) => this.#healthOf(node) !== 'own_network',
      resetAtMs: (id) => changes.resetAtMs(id),
      onPropagated: (kind, durationMs) => propagation.record(kind, durationMs),
    });
    this.#ownNetwork = new OwnNetwork({
      clock,
      accounts,
      log,
      isAnyOtherWell: () =>
        mesh.members.live.some(({ nodeId, isSelf }) => !isSelf && this.#healthOf(nodeId) === 'well'),
      onChange: (isAtFault) => this.#onOwnNetwork(isAtFault),
    });
  }

  start(): void {
    const { accounts, mesh, clock } = this.#parts;
    accounts.setTrialGate(trialGate(mesh.ring, clock));
    this.#load.start();
    this.#standings.start();
    this.#ownNetwork.start();
    accounts.observe(this.#breakersHere);
    accounts.observe({
      accountChanged: ({ id }, change, origin) => {
        if (change === 'added') this.#standings.apply(id);
        else if (change === 'removed') this.#standings.withdraw(id);
        else if (change === 'reset' && origin === 'own') this.#tellReset(id);
      },
    });
  }

  stop(): void {
    this.#load.stop();
    this.#standings.stop();
    this.#ownNetwork.stop();
  }

  /** Another member's person reset the account. */
  followReset(id: string): void {
    this.#standings.noteReset(id);
    this.#standings.withdraw(id);
    if (this.#parts.accounts.get(id) !== undefined) this.#parts.accounts.reset(id, 'remote');
  }

  #tellReset(id: string): void {
    this.#standings.withdraw(id);
    void this.#parts.changes.tellReset(id);
    this.#standings.noteReset(id);
  }

  #onOwnNetwork(isAtFault: boolean): void {
    // First why, then what: the others then undo what they believed.
    this.#parts.onOwnNetwork(isAtFault);
    if (isAtFault) this.#standings.withdrawAll();
  }

  #healthOf(node: NodeId): unknown {
    return this.#parts.mesh.state.get(node, healthKey);
  }
}
