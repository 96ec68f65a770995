import type { Clock, Timer } from '../kit/clock.ts';
import type { SharedState } from './gossip/contract.ts';
import type { Leadership } from './leader/contract.ts';
import type { Membership, MembershipDesk } from './membership/contract.ts';
import type { Records } from './replicated/contract.ts';

/** Key of a node's own state under which it says what it sees. */
const viewKey = 'mesh/view';

/** A change shows in the views within this time; a person looks less often. */
const periodMs = 500;

interface Seen {
  readonly clock: Clock;
  readonly membership: Membership & Pick<MembershipDesk, 'digest'>;
  readonly state: SharedState;
  readonly records: Records;
  readonly leadership: Leadership;
}

/**
 * Whether all live members see the same: each tells, as a part of its own state, whom it takes for live, who leads and
 * what its records come to. Counters of load are left out, since they differ at every moment of a busy cluster.
 */
export class Convergence {
  readonly #seen: Seen;
  #timer: Timer | undefined;

  constructor(seen: Seen) {
    this.#seen = seen;
  }

  start(): void {
    this.#tell();
    this.#timer = this.#seen.clock.every(periodMs, () => this.#tell());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** True when every live member has last said what this node sees now. */
  isReached(): boolean {
    const { membership, state } = this.#seen;
    const own = this.#view();
    return membership.live.every(({ nodeId, isSelf }) => isSelf || state.get(nodeId, viewKey) === own);
  }

  #tell(): void {
    this.#seen.state.set(viewKey, this.#view());
  }

  #view(): string {
    const { membership, records, leadership } = this.#seen;
    return `${membership.digest}|${leadership.leader ?? ''}#${leadership.term}|${records.digest()}`;
  }
}
