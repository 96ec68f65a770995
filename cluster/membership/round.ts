import type { Random } from '../../kit/random.ts';
import type { NodeId } from './contract.ts';
import { shuffled } from './shuffled.ts';

/** Whom to probe next: everyone once, in an order that is shuffled anew for each round (SWIM, section 4.3). */
export class Round {
  readonly #random: Random;
  #order: NodeId[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** `isLive` passes over those that went since the round began; newcomers wait for the next one. */
  next(all: () => readonly NodeId[], isLive: (node: NodeId) => boolean): NodeId | undefined {
    for (let node = this.#order.pop(); node !== undefined; node = this.#order.pop()) if (isLive(node)) return node;
    this.#order = shuffled(all(), this.#random);
    return this.#order.pop();
  }
}
