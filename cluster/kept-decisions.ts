import { join } from 'node:path';
import type { IntentStore, StoredIntent } from './intents/contract.ts';
import { IntentFile, readIntentFile } from './intents/intent-file.ts';
import { QuotaFile, readQuotaFile } from './quota/quota-file.ts';
import type { KeptQuotas, QuotaStore } from './quota/contract.ts';
import type { Log } from '../kit/log.ts';
import type { VoteState, VoteStore } from './leader/contract.ts';
import { readVoteFile, VoteFile } from './leader/vote-file.ts';

/** What a node must not forget towards others: its votes, the intents that it noted, what it took and lent of limits. */
export interface KeptDecisions {
  readonly kept: {
    readonly votes: VoteState | undefined;
    readonly intents: readonly StoredIntent[];
    readonly quotas: KeptQuotas | undefined;
  };
  readonly stores: { readonly votes: VoteStore; readonly intents: IntentStore; readonly quotas: QuotaStore };
  /** Resolves once nothing of it is being written any more. */
  settled(): Promise<void>;
}

/** Reads these files of a node's folder. Throws `vote_file_unreadable` or `intent_file_unreadable`. */
export async function readDecisions(folder: string, log: Log): Promise<KeptDecisions> {
  const votesPath = join(folder, 'votes.json');
  const intentsPath = join(folder, 'intents.json');
  const quotasPath = join(folder, 'quotas.json');
  const [votes, intents, quotas] = await Promise.all([
    readVoteFile(votesPath),
    readIntentFile(intentsPath),
    readQuotaFile(quotasPath, log),
  ]);
  const stores = {
    votes: new VoteFile(votesPath),
    intents: new IntentFile(intentsPath, intents),
    quotas: new QuotaFile(quotasPath),
  };
  return {
    kept: { votes, intents, quotas },
    stores,
    async settled() {
      await Promise.all(Object.values(stores).map((store) => store.settled()));
    },
  };
}
