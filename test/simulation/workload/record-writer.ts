import type { RecordOrigin, Records, ReplicatedRecord, Stamp } from '../../../cluster/replicated/contract.ts';
import { recordName } from '../world/kept.ts';
import type { SimProcess } from '../world/sim-process.ts';
import { between } from '../world/streams.ts';

export const clockedTables = ['accounts', 'settings', 'clears'] as const;
export const fencedTables = ['tokens'] as const;

const idCount = 8;

/** Negative when `left` is the older one. */
export function compareStamps(left: Stamp, right: Stamp): number {
  return left.major - right.major || left.minor - right.minor;
}

export function compareRecords(left: ReplicatedRecord, right: ReplicatedRecord): number {
  return (
    compareStamps(left.stamp, right.stamp) || (left.writer < right.writer ? -1 : left.writer > right.writer ? 1 : 0)
  );
}

/** Writes and removes records, and watches that each only gets newer here. */
export class RecordWriter {
  readonly #process: SimProcess;
  readonly #newest = new Map<string, ReplicatedRecord>();
  /** The greatest clock seen in any clocked table. */
  #seen: Stamp = { major: 0, minor: 0 };
  #count = 0;

  constructor(process: SimProcess) {
    this.#process = process;
  }

  get #records(): Records {
    return this.#process.parts.records;
  }

  get #writable(): Pick<Records, 'put' | 'remove'> {
    return this.#process.world.bug?.records?.(this.#records, this.#process) ?? this.#records;
  }

  listen(): void {
    for (const table of clockedTables) this.#records.watch(table, (record, origin) => this.#hear(record, origin, true));
    for (const table of fencedTables) this.#records.watch(table, (record, origin) => this.#hear(record, origin, false));
  }

  start(): void {
    const { clock, host } = this.#process;
    clock.every(between(host.random, 700, 2500), () => this.#write());
  }

  #write(): void {
    const { world, host } = this.#process;
    if (world.isQuiet) return;
    const table = host.random.next() < 0.5 ? 'accounts' : 'settings';
    const id = `${host.random.below(idCount)}`;
    const seen = this.#seen;
    const isRemoval = host.random.next() < 0.3;
    world.counts.recordWrites++;
    const record = isRemoval
      ? this.#writable.remove(table, id)
      : this.#writable.put(table, id, { by: host.nodeId, count: ++this.#count });
    world.written.add(describe(record));
    if (isRemoval) world.deletions.push(record);
    if (compareStamps(record.stamp, seen) <= 0) {
      world.fail('a write is newer than what it saw', `${host.nodeId} wrote ${describe(record)} after ${text(seen)}`);
    }
    if (host.random.next() < 0.2) this.#confirm(record);
  }

  #confirm(record: ReplicatedRecord): void {
    this.#records.confirm(record, 3000, ({ acknowledged }) => this.#process.world.confirmed(record, acknowledged));
  }

  #hear(record: ReplicatedRecord, origin: RecordOrigin, isClocked: boolean): void {
    const name = recordName(record);
    const { world, nodeId } = this.#process;
    const before = this.#newest.get(name);
    if (origin === 'remote' && isWorkloadTable(record.table) && !world.written.has(describe(record))) {
      world.fail('what is heard was said', `${nodeId} took ${describe(record)}, which nobody wrote`);
    }
    // A liar writes another under the same stamp; which of the two wins their contents decide.
    const leastOrder = world.liar === undefined ? 1 : 0;
    if (before !== undefined && compareRecords(record, before) < leastOrder) {
      world.fail('records only get newer', `${nodeId} took ${describe(record)} over ${describe(before)}`);
    }
    this.#newest.set(name, record);
    if (isClocked && compareStamps(record.stamp, this.#seen) > 0) this.#seen = record.stamp;
  }
}

/** Of the tables that this writer alone writes. */
function isWorkloadTable(table: string): boolean {
  return table === 'accounts' || table === 'settings';
}

function describe({ table, id, stamp, writer, isDeleted }: ReplicatedRecord): string {
  return `${table}/${id} ${text(stamp)} of ${writer}${isDeleted ? ' (deleted)' : ''}`;
}

function text({ major, minor }: Stamp): string {
  return `(${major}, ${minor})`;
}
