import { createHash } from 'node:crypto';
import type { Clock } from '../../kit/clock.ts';
import type { IntentStore, StoredIntent } from './contract.ts';
import { KeyMemory, type Standing } from './key-memory.ts';

/** Accounts whose tokens are spent; a mesh has hundreds. Past it, keys are refused rather than forgotten. */
const keysMax = 10_000;

/** Stands in the store once this voter knows what the others know, in another generation when it no longer does. No intent has an empty key. */
const knowsMark: StoredIntent = {
  key: '',
  generation: 'known',
  holder: '',
  fence: { term: 0, sequence: 0 },
  state: 'released',
  notedAtMs: 0,
  budgetMs: 0,
};
const forgottenMark: StoredIntent = { ...knowsMark, generation: 'forgotten' };

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
  /** Rises with each cluster: what was learnt in the one before does not count. */
  #epoch = 0;

  constructor(options: { clock: Clock; doubtMs: number; store: IntentStore; kept: readonly StoredIntent[] }) {
    this.#clock = options.clock;
    this.#doubtMs = options.doubtMs;
    this.#store = options.store;
    for (const intent of options.kept) {
      if (intent.key === knowsMark.key) this.#isNew = intent.generation !== knowsMark.generation;
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
    for (const memory of this.#keys.values()) yield* memory.all;
  }

  /** Up to `countMax` keys in their order, beginning after `after`; `next` is where to go on, undefined at the end. */
  page(after: string, countMax: number): { intents: StoredIntent[]; next: string | undefined } {
    const keys = [...this.#keys.keys()].filter((key) => key > after).toSorted();
    const taken = keys.slice(0, countMax);
    return { intents: taken.flatMap((key) => this.of(key)), next: keys.length > countMax ? taken.at(-1) : undefined };
  }

  of(key: string): StoredIntent[] {
    return this.#keys.get(key)?.all ?? [];
  }

  /** The newest intent of the key whose outcome is not known. */
  unresolved(key: string): StoredIntent | undefined {
    return this.#keys.get(key)?.unresolved;
  }

  standing(intent: StoredIntent): Standing {
    const memory = this.#keys.get(intent.key);
    if (memory === undefined) return this.#hasRoom() ? 'free' : 'busy';
    return memory.standing(intent, this.#clock.monotonicMs(), this.#doubtMs);
  }

  /** Notes an intent that stands free, or again one that stands the same; `done` once it is on disk. */
  begin(intent: StoredIntent, done: (error?: unknown) => void): void {
    if (this.standing(intent) === 'free') {
      const memory = this.#keys.get(intent.key) ?? new KeyMemory();
      memory.begin(intent, this.#clock.monotonicMs());
      this.#changed(intent, memory);
    }
    this.#save([intent.key], done);
  }

  /** Takes over what it did not know; `done` once all of it is on disk. */
  note(intents: readonly StoredIntent[], done: (error?: unknown) => void): void {
    for (const intent of intents) this.#merge(intent);
    this.#save(new Set(intents.map(({ key }) => key)), done);
  }

  /** It knows now what the others know. */
  learnt(done: (error?: unknown) => void): void {
    if (!this.#isNew) return done();
    const epoch = this.#epoch;
    this.#store.save([knowsMark], (error) => {
      if ((error === undefined || error === null) && epoch === this.#epoch) this.#isNew = false;
      done(error);
    });
  }

  /** What it knows is of another cluster than the one that it is of now. */
  forgot(): void {
    this.#epoch++;
    if (this.#isNew) return;
    this.#isNew = true;
    this.#store.save([forgottenMark], ignored);
  }

  /** Also what was known before: it may still be on its way to the disk. */
  #save(keys: Iterable<string>, done: (error?: unknown) => void): void {
    this.#store.save(
      [...keys].flatMap((key) => this.of(key)),
      done,
    );
  }

  #merge(intent: StoredIntent): void {
    if (intent.key === knowsMark.key) return;
    const known = this.#keys.get(intent.key);
    if (known === undefined && !this.#hasRoom()) return;
    const memory = known ?? new KeyMemory();
    if (memory.merge(intent, this.#clock.monotonicMs())) this.#changed(intent, memory);
  }

  #changed(intent: StoredIntent, memory: KeyMemory): void {
    this.#keys.set(intent.key, memory);
    this.#newestTerm = Math.max(this.#newestTerm, intent.fence.term);
    this.#digest = undefined;
  }

  /** Forgets a key whose intents all did not happen when there is no room otherwise. */
  #hasRoom(): boolean {
    if (this.#keys.size < keysMax) return true;
    for (const [key, memory] of this.#keys) if (memory.isForgettable) return this.#keys.delete(key);
    return false;
  }
}

/** All but the time, which each voter notes for itself. */
function lineOf({ key, generation, holder, fence, state, budgetMs }: StoredIntent): string {
  return JSON.stringify([key, generation, holder, fence.term, fence.sequence, state, budgetMs]);
}

function ignored(): void {
  // It is new in this process all the same; a disk that refuses refuses its votes as well.
}
