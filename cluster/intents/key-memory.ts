import type { Fence, StoredIntent } from './contract.ts';

/** Generations of one key that are remembered as spent: a leader that is so many behind does not exist. */
const spentMax = 8;
/** Intents of one key without outcome: one is usual, another comes from a leader that died before it could take it back. */
const openMax = 4;

interface Open {
  readonly intent: StoredIntent;
  /** Monotonic ms at which this process noted it. */
  readonly notedMs: number;
}

export type Standing = 'free' | 'same' | 'spent' | 'busy' | 'doubt' | 'older';

/** What one voter knows of one key: bounded, and merged in any order to the same. */
export class KeyMemory {
  /** Newest first. */
  #spent: readonly StoredIntent[] = [];
  /** Without outcome; oldest first. */
  #open: readonly Open[] = [];
  /** The newest that did not happen: what was asked before it and comes late is refused. */
  #released: StoredIntent | undefined;

  get all(): StoredIntent[] {
    const settled = this.#released === undefined ? this.#spent : [...this.#spent, this.#released];
    return [...settled, ...this.#open.map(({ intent }) => intent)];
  }

  /** Nothing that somebody may still need to know. */
  get isForgettable(): boolean {
    return this.#spent.length === 0 && this.#open.length === 0;
  }

  /** The newest without outcome. */
  get unresolved(): StoredIntent | undefined {
    return this.#open.at(-1)?.intent;
  }

  /** How a new intent stands to what is known. */
  standing(intent: StoredIntent, nowMs: number, doubtMs: number): Standing {
    if (this.#isSpent(intent.generation)) return 'spent';
    if (this.#open.some((open) => isSame(open.intent, intent))) return 'same';
    if (this.all.some((known) => compareFences(known.fence, intent.fence) >= 0)) return 'older';
    const leftMs = Math.max(...this.#open.map(({ intent: { budgetMs }, notedMs }) => notedMs + budgetMs - nowMs));
    if (leftMs > 0) return 'busy';
    return leftMs + doubtMs > 0 ? 'doubt' : 'free';
  }

  /** Whether it was news. */
  merge(intent: StoredIntent, nowMs: number): boolean {
    if (intent.state === 'spent') return this.#mergeSpent(intent);
    if (intent.state === 'released') return this.#mergeReleased(intent);
    return this.#mergeOpen(intent, nowMs);
  }

  /** A free key's new intent takes the place of those whose doubt is over. */
  begin(intent: StoredIntent, nowMs: number): void {
    this.#open = [{ intent, notedMs: nowMs }];
  }

  #isSpent(generation: string): boolean {
    return this.#spent.some((spent) => spent.generation === generation);
  }

  #mergeSpent(intent: StoredIntent): boolean {
    if (this.#isSpent(intent.generation)) return false;
    const spent = [...this.#spent, intent].toSorted((one, other) => compareFences(other.fence, one.fence));
    this.#spent = spent.slice(0, spentMax);
    this.#open = this.#open.filter((open) => compareFences(open.intent.fence, intent.fence) > 0);
    return this.#spent.includes(intent);
  }

  #mergeReleased(intent: StoredIntent): boolean {
    const count = this.#open.length;
    this.#open = this.#open.filter((open) => compareFences(open.intent.fence, intent.fence) !== 0);
    const isNewer = this.#released === undefined || compareFences(intent.fence, this.#released.fence) > 0;
    if (isNewer) this.#released = intent;
    return isNewer || this.#open.length < count;
  }

  #mergeOpen(intent: StoredIntent, nowMs: number): boolean {
    const isKnown = this.#open.some((open) => compareFences(open.intent.fence, intent.fence) === 0);
    const isReleased = this.#released !== undefined && compareFences(this.#released.fence, intent.fence) === 0;
    const isSettled = this.#spent.some((spent) => compareFences(spent.fence, intent.fence) >= 0);
    if (isKnown || isReleased || isSettled || this.#isSpent(intent.generation)) return false;
    const open = [...this.#open, { intent, notedMs: nowMs }];
    this.#open = open.toSorted((one, other) => compareFences(one.intent.fence, other.intent.fence)).slice(-openMax);
    return true;
  }
}

export function compareFences(one: Fence, other: Fence): number {
  return one.term - other.term || one.sequence - other.sequence;
}

function isSame(one: StoredIntent, other: StoredIntent): boolean {
  return one.holder === other.holder && compareFences(one.fence, other.fence) === 0;
}
