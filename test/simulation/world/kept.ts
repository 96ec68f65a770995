import type { StoredIntent } from '../../../cluster/intents/contract.ts';
import type { VoteState } from '../../../cluster/leader/contract.ts';
import type { KeptQuotas } from '../../../cluster/quota/contract.ts';
import type { ReplicatedRecord } from '../../../cluster/replicated/contract.ts';

export interface KeptEntry {
  readonly scope: string;
  /** Name of the clear it was made after. */
  readonly after: string;
  /** In true time. */
  readonly madeMs: number;
}

/** What a host's disk holds for its node: all that outlives a process. */
export class Kept {
  incarnation = 0;
  vote: VoteState | undefined;
  quotas: KeptQuotas | undefined;
  readonly records = new Map<string, ReplicatedRecord>();
  readonly intents = new Map<string, readonly StoredIntent[]>();
  /** Entries of the cache's second level. */
  readonly cache = new Map<string, KeptEntry>();
}

export function recordName({ table, id }: { readonly table: string; readonly id: string }): string {
  return `${table}/${id}`;
}
