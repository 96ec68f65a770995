import { backoffCeilingMs } from '../../kit/backoff.ts';
import type { Timer } from '../../kit/clock.ts';
import type { Environment } from '../environment.ts';
import type { RecordStore, ReplicatedRecord } from './contract.ts';

interface Change {
  readonly record: ReplicatedRecord;
  readonly isForgotten: boolean;
}

/** Writes of one turn go to the store together … */
const gatherMs = 5;
/** … so many at once, since a store may hold up the event loop: 1,000 rows are 7 ms of SQLite's time. */
const batchSizeMax = 1000;
const retryDelays = { baseMs: 100, capMs: 30_000 };

export interface WriteBehindParts {
  readonly store: RecordStore;
  /** One more batch is on disk. */
  readonly onSaved: () => void;
  /** The store works again after a failure, and may have had to begin with nothing. */
  readonly onRecovered: () => void;
}

/**
 * Brings records to the store: in batches, in order, one at a time, the latest of each record. What fails is tried again
 * for as long as it takes, together with what came since; nothing here waits for it.
 */
export class WriteBehind {
  readonly #environment: Environment;
  readonly #store: RecordStore;
  readonly #onRecovered: () => void;
  readonly #onSaved: () => void;
  #waiting = new Map<string, Change>();
  #underWay = new Map<string, Change>();
  #failures = 0;
  #timer: Timer | undefined;
  #hasStopped = false;

  constructor(environment: Environment, { store, onSaved, onRecovered }: WriteBehindParts) {
    this.#environment = environment;
    this.#store = store;
    this.#onSaved = onSaved;
    this.#onRecovered = onRecovered;
  }

  /** Changes that are not on disk yet. */
  get unsavedCount(): number {
    return this.#waiting.size + this.#underWay.size;
  }

  save(record: ReplicatedRecord): void {
    this.#add({ record, isForgotten: false });
  }

  forget(record: ReplicatedRecord): void {
    this.#add({ record, isForgotten: true });
  }

  /** Whether the disk has the record, or what followed it under its id. */
  isSaved(record: ReplicatedRecord): boolean {
    const key = keyOf(record);
    return !this.#waiting.has(key) && !this.#underWay.has(key);
  }

  /** Hands over what waits, at once; the store keeps the order. */
  stop(): void {
    this.#hasStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    while (this.#waiting.size > 0) this.#write();
  }

  #add(change: Change): void {
    this.#waiting.set(keyOf(change.record), change);
    this.#schedule(gatherMs);
  }

  #schedule(delayMs: number): void {
    if (this.#hasStopped || this.#timer !== undefined || this.#underWay.size > 0 || this.#waiting.size === 0) return;
    this.#timer = this.#environment.clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#write();
    });
  }

  #write(): void {
    const batch = new Map(this.#waiting.entries().take(batchSizeMax));
    for (const key of batch.keys()) this.#waiting.delete(key);
    this.#underWay = batch;
    const saved = recordsOf(batch, false);
    const forgotten = recordsOf(batch, true);
    const done = (error?: unknown) => this.#written(batch, error);
    if (saved.length === 0) this.#store.forget(forgotten, done);
    else if (forgotten.length === 0) this.#store.save(saved, done);
    else this.#store.save(saved, (error) => (error === undefined ? this.#store.forget(forgotten, done) : done(error)));
  }

  #written(batch: ReadonlyMap<string, Change>, error: unknown): void {
    if (this.#underWay === batch) this.#underWay = new Map();
    if (error === undefined) this.#succeeded();
    else this.#failed(batch, error);
  }

  #succeeded(): void {
    if (this.#failures > 0) {
      this.#failures = 0;
      this.#environment.log.info('Records are kept on disk again.');
      this.#onRecovered();
    }
    this.#schedule(gatherMs);
    this.#onSaved();
  }

  #failed(batch: ReadonlyMap<string, Change>, error: unknown): void {
    if (this.#failures === 0 || this.#hasStopped) {
      this.#environment.log.error('Records cannot be kept on disk; trying again.', { error, unsaved: batch.size });
    }
    if (this.#hasStopped) return;
    this.#waiting = new Map([...batch, ...this.#waiting]);
    this.#schedule(backoffCeilingMs(this.#failures++, retryDelays));
  }
}

function keyOf({ table, id }: ReplicatedRecord): string {
  return `${table}\n${id}`;
}

function recordsOf(batch: ReadonlyMap<string, Change>, isForgotten: boolean): ReplicatedRecord[] {
  return [...batch.values()].filter((change) => change.isForgotten === isForgotten).map(({ record }) => record);
}
