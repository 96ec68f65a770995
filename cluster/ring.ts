import type { Ring } from './contract.ts';
import { finish, Hash64 } from './hash64.ts';
import type { Membership, NodeId } from './membership/contract.ts';

interface Seat {
  readonly node: NodeId;
  readonly high: number;
  readonly low: number;
}

/**
 * Rendezvous hashing (highest random weight): every live member draws a number for a key, and the highest owns it. A
 * member that goes moves only its own keys, and all nodes that see the same members agree without a word.
 */
export class RendezvousRing implements Ring {
  readonly #membership: Membership;
  readonly #isEligible: (node: NodeId) => boolean;
  #seats: Seat[] = [];
  #version = -1;

  /** `isEligible` leaves out live members that get no new keys (draining ones); it may change its mind at any time. */
  constructor(membership: Membership, isEligible: (node: NodeId) => boolean) {
    this.#membership = membership;
    this.#isEligible = isEligible;
  }

  /** Itself when nobody is eligible: somebody has to. */
  owner(key: string): NodeId {
    const hash = new Hash64().text(key);
    const { high, low } = hash;
    let best: Seat | undefined;
    let bestDraw = -1;
    for (const seat of this.#current()) {
      const draw = drawOf(seat, high, low);
      // A member is asked about only when it would win, since that costs more than the draw.
      if (draw > bestDraw && this.#isEligible(seat.node)) {
        best = seat;
        bestDraw = draw;
      }
    }
    return best?.node ?? this.#membership.self.nodeId;
  }

  isOwn(key: string): boolean {
    return this.owner(key) === this.#membership.self.nodeId;
  }

  #current(): readonly Seat[] {
    if (this.#version !== this.#membership.version) {
      this.#version = this.#membership.version;
      this.#seats = this.#membership.live.map(({ nodeId }) => seatOf(nodeId));
    }
    return this.#seats;
  }
}

function seatOf(node: NodeId): Seat {
  const { high, low } = new Hash64(1).text(node);
  return { node, high, low };
}

/** 53 bits, so that two members draw the same once in 10^15 keys; the lower id wins then, `live` being in order. */
function drawOf(seat: Seat, high: number, low: number): number {
  const first = seat.high ^ high;
  const second = seat.low ^ low;
  return finish(first, second) * 2_097_152 + (finish(second, Math.imul(first, 0x9e3779b1)) >>> 11);
}
