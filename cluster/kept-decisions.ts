import { join } from 'node:path';
import type { IntentStore, StoredIntent } from './intents/contract.ts';
import { IntentFile, readIntentFile } from './intents/intent-file.ts';
import type { VoteState, VoteStore } from './leader/contract.ts';
import { readVoteFile, VoteFile } from './leader/vote-file.ts';

/** What a node has promised to others and must not forget: its votes and the intents that it noted. */
export interface KeptDecisions {
  readonly kept: { readonly votes: VoteState | undefined; readonly intents: readonly StoredIntent[] };
  readonly stores: { readonly votes: VoteStore; readonly intents: IntentStore };
}

/** Reads both files of a node's folder. Throws `vote_file_unreadable` or `intent_file_unreadable`. */
export async function readDecisions(folder: string): Promise<KeptDecisions> {
  const votesPath = join(folder, 'votes.json');
  const intentsPath = join(folder, 'intents.json');
  const [votes, intents] = await Promise.all([readVoteFile(votesPath), readIntentFile(intentsPath)]);
  return {
    kept: { votes, intents },
    stores: { votes: new VoteFile(votesPath), intents: new IntentFile(intentsPath, intents) },
  };
}
