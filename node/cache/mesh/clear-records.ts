import { hash } from 'node:crypto';
import type { Clock } from '../../../kit/clock.ts';
import type { Confirmation, ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import type { CacheMesh, ClearScope } from '../contract.ts';
import { includes, readScope, scopeText } from '../scope.ts';
import { clearKeepMsMin, confirmTimeoutMs, ownClearsMax } from './limits.ts';

const table = 'cache_clears';

export interface ClearRecordsParts {
  readonly mesh: CacheMesh;
  readonly clock: Clock;
  /** How long this node keeps an entry, milliseconds. */
  readonly ttlMs: () => number;
  /** A clear takes effect here; answers how many entries went. */
  readonly onClear: (scope: ClearScope) => number;
}

/**
 * Clears as records, so that they reach every member sooner or later. Each member writes and removes records of its own
 * alone (`model:gpt-4o@node1`), or one with a slower clock would lose its clear to another's removal. No clock decides
 * what a clear covers: it covers what a node has begun before it hears of it.
 */
export class ClearRecords {
  readonly #parts: ClearRecordsParts;
  /** Stamps of the clears that have taken effect here. */
  readonly #known = new Map<string, string>();
  #epoch: string | undefined;
  #dropped = 0;

  constructor(parts: ClearRecordsParts) {
    this.#parts = parts;
    parts.mesh.records.watch(table, (record) => this.#heard(record));
  }

  /** The same text on members that know of the same clears; another one after each. */
  get epoch(): string {
    if (this.#epoch === undefined) {
      const lines = [...this.#known].map(([id, stamp]) => `${id} ${stamp}`);
      this.#epoch = hash('sha256', lines.toSorted().join('\n'), 'hex').slice(0, 16);
    }
    return this.#epoch;
  }

  /** Clears here at once and tells the others. `done` hears how many entries went here, and who has heard of it. */
  clear(scope: ClearScope, done: (cleared: number, outcome: Confirmation) => void): void {
    const { records } = this.#parts.mesh;
    const own = this.#ownClears();
    const wide: ClearScope = own.length < ownClearsMax ? scope : { kind: 'all' };
    this.#dropped = 0;
    const record = records.put(table, this.#idOf(wide), { scope: scopeText(wide) });
    this.#heard(record);
    const cleared = this.#dropped;
    this.#removeIdle(wide, record.id);
    records.confirm(record, confirmTimeoutMs, (outcome) => done(cleared, outcome));
  }

  /** A removal of a clear that never came this way stands for the clear. */
  #heard({ id, stamp, isDeleted }: ReplicatedRecord): void {
    const text = `${stamp.major}.${stamp.minor}`;
    const known = this.#known.get(id);
    if (known === text) return;
    this.#epoch = undefined;
    if (isDeleted) this.#known.delete(id);
    else this.#known.set(id, text);
    if (isDeleted && known !== undefined) return;
    this.#dropped += this.#parts.onClear(scopeOf(id));
  }

  /** Own records that the newest one includes, and those of nobody here that are older than any entry. */
  #removeIdle(scope: ClearScope, newest: string): void {
    const { records, members, self } = this.#parts.mesh;
    const oldestMs = this.#parts.clock.nowMs() - Math.max(clearKeepMsMin, 2 * this.#parts.ttlMs());
    const idle = [...records.list(table)].filter(({ id, stamp }) => {
      const writer = id.slice(id.lastIndexOf('@') + 1);
      const isOwn = writer === self;
      const isOld = stamp.major < oldestMs && (isOwn || !members.isLive(writer));
      return id !== newest && (isOld || (isOwn && includes(scope, scopeOf(id))));
    });
    for (const { id } of idle) records.remove(table, id);
  }

  #ownClears(): string[] {
    return [...this.#known.keys()].filter((id) => id.endsWith(`@${this.#parts.mesh.self}`));
  }

  #idOf(scope: ClearScope): string {
    return `${scopeText(scope)}@${this.#parts.mesh.self}`;
  }
}

/** What this version cannot read may mean anything, so it clears everything. */
function scopeOf(id: string): ClearScope {
  return readScope(id.slice(0, Math.max(0, id.lastIndexOf('@')))) ?? { kind: 'all' };
}
