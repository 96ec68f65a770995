import type { NodeId } from './contract.ts';

/** Claims on one probe or answer: 8 of 300 bytes stay within two packets. */
const perMessageMax = 8;

/**
 * Names whose news rides on probes and answers, for members that the push did not reach. Only names are kept: what is
 * told is what is known when it is told. Each is told about 3 log2(members) times, after which all but a vanishing share
 * has heard it (SWIM, section 4.1); the comparison of tables finds the rest.
 */
export class Rumours {
  readonly #left = new Map<NodeId, number>();

  add(node: NodeId, membersCount: number): void {
    this.#left.set(node, 3 * Math.ceil(Math.log2(membersCount + 1)));
  }

  /** The next names to tell; those told least first, since they stand first. */
  take(): NodeId[] {
    const names = [...this.#left.keys().take(perMessageMax)];
    for (const name of names) this.#spend(name);
    return names;
  }

  #spend(name: NodeId): void {
    const left = (this.#left.get(name) ?? 1) - 1;
    this.#left.delete(name);
    if (left > 0) this.#left.set(name, left);
  }
}
