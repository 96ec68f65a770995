import type { NodeId } from '../membership/contract.ts';
import type { StateValue } from './contract.ts';

/** A key of one node; in a ring with the node's other keys, by version. */
export interface Entry {
  readonly key: string;
  /** Undefined for a deleted one. */
  value: StateValue | undefined;
  /** Of the encoded value, at most. */
  bytes: number;
  version: number;
  older: Entry;
  newer: Entry;
}

/** What may go into one message. */
export interface Allowance {
  entries: number;
  bytes: number;
}

/** All that is known of one node: its keys by name and by version, so that what is new since a version is found at once. */
export class NodeState {
  readonly node: NodeId;
  readonly incarnation: number;
  /** Everything up to here is known. Entries beyond it came before those between. */
  version = 0;
  /** Deleted keys of versions up to here are forgotten: who knows less than this must begin anew. */
  floor = 0;
  keyCount = 0;
  readonly #entries = new Map<string, Entry>();
  readonly #end: Entry;

  constructor(node: NodeId, incarnation: number) {
    this.node = node;
    this.incarnation = incarnation;
    const end = { key: '', value: undefined, bytes: 0, version: 0 } as Entry;
    end.older = end;
    end.newer = end;
    this.#end = end;
  }

  get tombstoneCount(): number {
    return this.#entries.size - this.keyCount;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** In the order of their names' first appearance; deleted ones too. */
  entries(): MapIterator<Entry> {
    return this.#entries.values();
  }

  /** Sets a key, or deletes it with undefined, at a version that is newer than what is known of the key. */
  put(key: string, value: StateValue | undefined, bytes: number, version: number): Entry {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { key, value: undefined, bytes: 0, version } as Entry;
      this.#entries.set(key, entry);
    } else {
      unlink(entry);
      if (entry.value !== undefined) this.keyCount--;
    }
    if (value !== undefined) this.keyCount++;
    entry.value = value;
    entry.bytes = bytes;
    entry.version = version;
    this.#link(entry);
    return entry;
  }

  /** Forgets deleted keys up to a version. */
  forgetTombstones(floor: number): void {
    if (floor <= this.floor) return;
    this.floor = floor;
    for (let entry = this.#end.newer; entry !== this.#end && entry.version <= floor; entry = entry.newer) {
      if (entry.value !== undefined) continue;
      unlink(entry);
      this.#entries.delete(entry.key);
    }
  }

  /**
   * The owner forgot deleted keys that were not heard of here: which of the keys up to the floor are gone cannot be told,
   * so that all of them go, and are returned. What came ahead from beyond the floor stays.
   */
  beginAnew(floor: number): Entry[] {
    const gone: Entry[] = [];
    for (let entry = this.#end.newer; entry !== this.#end && entry.version <= floor; entry = entry.newer) {
      unlink(entry);
      this.#entries.delete(entry.key);
      if (entry.value !== undefined) this.keyCount--;
      gone.push(entry);
    }
    this.version = 0;
    this.floor = floor;
    return gone;
  }

  /** Newer than a version and known without a gap, oldest first, as far as the allowance goes, which is reduced. */
  since(version: number, allowance: Allowance): { entries: Entry[]; to: number } {
    const entries: Entry[] = [];
    let entry = this.#firstAfter(version);
    for (; entry !== this.#end && entry.version <= this.version; entry = entry.newer) {
      const bytes = entry.bytes + entry.key.length * 3 + 16;
      if (allowance.entries < 1 || allowance.bytes < bytes) return { entries, to: entries.at(-1)?.version ?? version };
      allowance.entries--;
      allowance.bytes -= bytes;
      entries.push(entry);
    }
    return { entries, to: this.version };
  }

  /** Whether another entry may be taken although those before it are missing. */
  hasRoomAhead(countMax: number): boolean {
    let count = 0;
    for (let entry = this.#end.older; entry.version > this.version; entry = entry.older) {
      if (++count >= countMax) return false;
    }
    return true;
  }

  /** Whether a key has this version: each has its own, or an owner lied. */
  hasVersion(version: number): boolean {
    let entry = this.#end.older;
    while (entry.version > version) entry = entry.older;
    return entry !== this.#end && entry.version === version;
  }

  #firstAfter(version: number): Entry {
    let entry = this.#end;
    while (entry.older !== this.#end && entry.older.version > version) entry = entry.older;
    return entry;
  }

  /** Nearly always the newest: looks from that end. */
  #link(entry: Entry): void {
    let newer = this.#end;
    while (newer.older !== this.#end && newer.older.version > entry.version) newer = newer.older;
    entry.newer = newer;
    entry.older = newer.older;
    newer.older.newer = entry;
    newer.older = entry;
  }
}

function unlink(entry: Entry): void {
  entry.older.newer = entry.newer;
  entry.newer.older = entry.older;
}
