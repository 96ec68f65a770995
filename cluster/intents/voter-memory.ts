import { createHash } from 'node:crypto';
import type { Clock } from '../../kit/clock.ts';
import type { Fence, IntentRefusal, IntentStore, StoredIntent } from './contract.ts';

/** Accounts whose tokens are spent; a mesh has hundreds. Past it, keys are refused rather than forgotten. */
const keysMax = 10_000;
/** Generations of one key that are remembered as spent: a leader that is so many behind does not exist. */
const spentMax = 8;

/** Stands in the store once this voter knows what the others know. No intent has an empty key. */
const knowsMark: StoredIntent = {
  key: '',
  generation: 'known',
  holder: '',
  fence: { term: 0, sequence: 0 },
  state: 'released',
  notedAtMs: 0,
  budgetMs: 0,
};

interface KeyMemory {
  /** Newest first. */
  spent: readonly StoredIntent[];
  /** The newest that is not spent. */
  current: StoredIntent | undefined;
  /** Monotonic ms at which this process noted `current`. */
  notedMs: number;
}

export type VoterRefusal = Exclude<IntentRefusal, 'no_majority' | 'not_durable'>;

/**
 * What one voter knows of intents, at most `keysMax` keys. Time is counted by the monotonic clock from when this
 * process noted an intent: after a restart its whole budget is waited for anew, whatever the wall clock says.
 */
export class VoterMemory {
  readonly #keys = new Map<string, KeyMemory>();
  readonly #clock: Clock;
  readonly #doubtMs: number;
  readonly #store: IntentStore;
  #digest: string | undefined;
  #newestTerm = 0;
  #isNew = true;

  constructor(options: { clock: Clock; doubtMs: number; store: IntentStore; kept: readonly StoredIntent[] }) {
    this.#clock = options.clock;
    this.#doubtMs = options.doubtMs;
    this.#store = options.store;
    for (const intent of options.kept) {
      if (intent.key === knowsMark.key) this.#isNew = false;
      else this.#merge(intent);
    }
  }

  /** True until it was told what the other voters know: its disk may have been lost. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** The newest term of any intent seen. */
  get newestTerm(): number {
    return this.#newestTerm;
  }

  /** Equal for voters that know the same. */
  get digest(): string {
    this.#digest ??= createHash('sha256')
      .update([...this.all()].map(lineOf).toSorted().join('\n'))
      .digest('base64');
    return this.#digest;
  }

  *all(): Generator<StoredIntent> {
    for (const key of this.#keys.keys()) yield* this.of(key);
  }

  /** Up to `countMax` keys in their order, beginning after `after`. */
  page(after: string, countMax: number): { intents: StoredIntent[]; next: string | undefined } {
    const keys = [...this.#keys.keys()].filter((key) => key > after).toSorted();
    const taken = keys.slice(0, countMax);
    return { intents: taken.flatMap((key) => this.of(key)), next: keys.length > countMax ? taken.at(-1) : undefined };
  }

  of(key: string): StoredIntent[] {
    const memory = this.#keys.get(key);
    if (memory === undefined) return [];
    return memory.current === undefined ? [...memory.spent] : [...memory.spent, memory.current];
  }

  current(key: string): StoredIntent | undefined {
    return this.#keys.get(key)?.current;
  }

  /** Why the intent may not be noted; undefined when it may. */
  refusal(intent: StoredIntent): VoterRefusal | undefined {
    const memory = this.#keys.get(intent.key);
    if (intent.fence.term < this.#newestTerm) return 'not_leader';
    if (memory === undefined) return this.#keys.size >= keysMax && !this.#makeRoom() ? 'busy' : undefined;
    if (memory.spent.some(({ generation }) => generation === intent.generation)) return 'spent';
    const { current } = memory;
    if (current === undefined || isSame(current, intent)) return undefined;
    if (compareFences(intent.fence, current.fence) <= 0) return 'not_leader';
    if (current.state !== 'intended') return undefined;
    const ageMs = this.#clock.monotonicMs() - memory.notedMs;
    if (ageMs < current.budgetMs) return 'busy';
    return ageMs < current.budgetMs + this.#doubtMs ? 'doubt' : undefined;
  }

  /** Takes over what it did not know; `done` once all of it is on disk. */
  note(intents: readonly StoredIntent[], done: (error?: unknown) => void): void {
    const keys = new Set<string>();
    for (const intent of intents) if (this.#merge(intent)) keys.add(intent.key);
    // What is known already may still be on its way to the disk, and writes are ordered: an equal one waits for it.
    const saved = keys.size > 0 ? [...keys] : [...new Set(intents.map(({ key }) => key))];
    this.#store.save(
      saved.flatMap((key) => this.of(key)),
      done,
    );
  }

  /** It knows now what the others know. */
  learnt(done: (error?: unknown) => void): void {
    if (!this.#isNew) return done();
    this.#store.save([knowsMark], (error) => {
      if (error === undefined || error === null) this.#isNew = false;
      done(error);
    });
  }

  #merge(intent: StoredIntent): boolean {
    const known = this.#keys.get(intent.key);
    if (known === undefined && this.#keys.size >= keysMax && !this.#makeRoom()) return false;
    const memory = known ?? { spent: [], current: undefined, notedMs: 0 };
    const isChanged = intent.state === 'spent' ? this.#mergeSpent(memory, intent) : this.#mergeCurrent(memory, intent);
    if (!isChanged) return false;
    this.#keys.set(intent.key, memory);
    this.#newestTerm = Math.max(this.#newestTerm, intent.fence.term);
    this.#digest = undefined;
    return true;
  }

  #mergeSpent(memory: KeyMemory, intent: StoredIntent): boolean {
    if (memory.spent.some(({ generation }) => generation === intent.generation)) return false;
    memory.spent = [...memory.spent, intent].toSorted((one, other) => compareFences(other.fence, one.fence));
    memory.spent = memory.spent.slice(0, spentMax);
    const { current } = memory;
    if (current !== undefined && compareFences(current.fence, intent.fence) <= 0) memory.current = undefined;
    return true;
  }

  #mergeCurrent(memory: KeyMemory, intent: StoredIntent): boolean {
    if (memory.spent.some((spent) => compareFences(spent.fence, intent.fence) >= 0)) return false;
    const order = memory.current === undefined ? 1 : compareFences(intent.fence, memory.current.fence);
    const isSettled = order === 0 && memory.current?.state === 'intended' && intent.state === 'released';
    if (order <= 0 && !isSettled) return false;
    memory.current = intent;
    memory.notedMs = this.#clock.monotonicMs();
    return true;
  }

  /** A key of which nothing is known but a release can be forgotten. */
  #makeRoom(): boolean {
    for (const [key, { spent, current }] of this.#keys) {
      if (spent.length > 0 || current?.state === 'intended') continue;
      return this.#keys.delete(key);
    }
    return false;
  }
}

export function compareFences(one: Fence, other: Fence): number {
  return one.term - other.term || one.sequence - other.sequence;
}

function isSame(one: StoredIntent, other: StoredIntent): boolean {
  return one.state === 'intended' && one.holder === other.holder && compareFences(one.fence, other.fence) === 0;
}

/** All but the time, which each voter notes for itself. */
function lineOf({ key, generation, holder, fence, state, budgetMs }: StoredIntent): string {
  return JSON.stringify([key, generation, holder, fence.term, fence.sequence, state, budgetMs]);
}
