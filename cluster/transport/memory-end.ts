import type { PeerId } from './contract.ts';

/** What is on its way over one direction of a connection. */
export interface Parcel {
  readonly sizeBytes: number;
  /** Frames keep their order; questions and answers have lanes of their own. */
  readonly isOrdered: boolean;
  /** Runs as a turn of the receiver, whose end `at` is; not called when that end is closed. */
  deliver(at: MemoryEnd): void;
}

/** A process at the network. */
export interface Endpoint {
  readonly self: PeerId;
  /** Multiaddr without the peer id; names the host when ways are cut. */
  readonly place: string;
  readonly isRunning: boolean;
  /** A connection broke, as far as this side can tell; called as a turn of this side. */
  broken(end: MemoryEnd, reason: string): void;
}

/** One side's view of a connection, and the way from it to the other side. Each side may believe it open alone. */
export class MemoryEnd {
  readonly owner: Endpoint;
  isOpen = true;
  /** Sent from here and not yet taken by the other side. */
  waitingBytes = 0;
  /** Ordered parcels sent from here do not arrive before this. */
  lastArrivalMs = 0;
  /** Parcels that stand before a cut; as bounded as `waitingBytes` and the questions under way. */
  heldBack: Parcel[] = [];
  /** Frames taken here within the current window of the rate limit. */
  framesInWindow = 0;
  windowStartMs = 0;
  /** Questions of the other side that wait here for an answer. */
  questions = 0;
  #other: MemoryEnd | undefined;

  constructor(owner: Endpoint) {
    this.owner = owner;
  }

  /** Two new ends that see each other. */
  static pair(left: Endpoint, right: Endpoint): readonly [MemoryEnd, MemoryEnd] {
    const ends = [new MemoryEnd(left), new MemoryEnd(right)] as const;
    ends[0].#other = ends[1];
    ends[1].#other = ends[0];
    return ends;
  }

  get other(): MemoryEnd {
    if (this.#other === undefined) throw new Error('an end without another');
    return this.#other;
  }

  get peer(): PeerId {
    return this.other.owner.self;
  }
}
