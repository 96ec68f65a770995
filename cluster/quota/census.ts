import type { Membership, NodeId } from '../membership/contract.ts';

export interface CensusOptions {
  /** What earlier processes of this node lent is not known. */
  readonly isNeeded: boolean;
  readonly self: NodeId;
  readonly membership: Membership;
  readonly voters: () => readonly NodeId[];
}

/** A node that forgot what it lent without a window has nothing of that kind until all have said what they hold of it. */
export class Census {
  isOver: boolean;
  readonly #options: CensusOptions;
  /** As many as there are members. */
  readonly #counted = new Set<NodeId>();

  constructor(options: CensusOptions) {
    this.#options = options;
    this.isOver = !options.isNeeded;
  }

  /** Those who have not answered. */
  missing(): readonly NodeId[] {
    if (this.isOver) return [];
    const { voters, membership, self } = this.#options;
    const all = new Set([...voters(), ...membership.live.map(({ nodeId }) => nodeId)]);
    return [...all].filter((node) => node !== self && !this.#counted.has(node));
  }

  count(node: NodeId): void {
    if (!this.isOver) this.#counted.add(node);
  }

  end(): void {
    this.isOver = true;
    this.#counted.clear();
  }

  /** True when it has just ended. */
  look(): boolean {
    if (this.isOver || this.#options.voters().length === 0 || this.missing().length > 0) return false;
    this.end();
    return true;
  }
}
