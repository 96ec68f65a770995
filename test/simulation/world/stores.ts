import type { IntentStore, StoredIntent } from '../../../cluster/intents/contract.ts';
import type { VoteState, VoteStore } from '../../../cluster/leader/contract.ts';
import type { QuotaStore } from '../../../cluster/quota/contract.ts';
import type { RecordStore, ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import { recordName, type Kept } from './kept.ts';

/** Writes to the disk; `done` comes back as a turn of the process, if it still runs. */
export type DiskWriter = (apply: () => void, done: (error?: unknown) => void) => void;

export function voteStore(kept: Kept, write: DiskWriter): VoteStore {
  return {
    save(state: VoteState, done) {
      const copy = structuredClone(state);
      write(() => (kept.vote = copy), done);
    },
  };
}

export function recordStore(kept: Kept, write: DiskWriter): RecordStore {
  return {
    save(records: readonly ReplicatedRecord[], done) {
      const copies = [...records];
      write(() => {
        for (const record of copies) kept.records.set(recordName(record), record);
      }, done);
    },
    forget(records, done) {
      const copies = [...records];
      write(() => {
        for (const record of copies) kept.records.delete(recordName(record));
      }, done);
    },
  };
}

export function quotaStore(kept: Kept, write: DiskWriter): QuotaStore {
  return {
    save(quotas, done) {
      write(() => (kept.quotas = quotas), done);
    },
  };
}

export function intentStore(kept: Kept, write: DiskWriter): IntentStore {
  return {
    save(intents: readonly StoredIntent[], done) {
      const copies = [...intents];
      write(() => {
        const first = copies[0];
        if (first !== undefined) kept.intents.set(first.key, copies);
      }, done);
    },
  };
}
