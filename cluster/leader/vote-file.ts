import type { VoteState, VoteStore } from './contract.ts';
export async function openVoteFile(_folder: string): Promise<{ kept: VoteState | undefined; store: VoteStore }> {
  return { kept: undefined, store: { save: (_s, done) => queueMicrotask(() => done()) } };
}
