import type { Timer } from '../../../kit/clock.ts';
import type { NodeId } from '../../../cluster/membership/contract.ts';
import type { Flight } from '../flight.ts';

/** A flight of this node for which its key's owner was asked. */
export class Claim {
  readonly id: number;
  readonly owner: NodeId;
  readonly flight: Flight;
  /** The owner has answered since it was asked last. */
  isAnswered = false;
  /** The owner said go, or nothing: this node asks the upstream. */
  isOff = false;
  timer: Timer | undefined;

  constructor(id: number, owner: NodeId, flight: Flight) {
    this.id = id;
    this.owner = owner;
    this.flight = flight;
  }

  /** Somebody of this node asks the upstream, if nobody does yet. */
  takeOff(): void {
    this.isOff = true;
    this.timer?.cancel();
    this.timer = undefined;
    if (!this.flight.hasLeader) this.flight.promote(1);
  }
}
