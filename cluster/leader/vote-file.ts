import { LatestFile, readIfThere } from '../latest-file.ts';
import type { VoteState, VoteStore } from './contract.ts';
import { readConfig } from './election-messages.ts';
import { leaderFaults } from './faults.ts';

/** Rises when the form changes so that an older node would misread it. */
const formVersion = 1;

/** The vote of this node in a file of its own. Never to be copied to another node: it would vote twice. */
export class VoteFile implements VoteStore {
  readonly #file: LatestFile;
  #state: VoteState | undefined;

  constructor(path: string) {
    this.#file = new LatestFile(path, () => JSON.stringify({ version: formVersion, ...this.#state }) + '\n');
  }

  save(state: VoteState, done: (error?: unknown) => void): void {
    this.#state = state;
    this.#file.save(done);
  }

  /** Resolves once nothing is being written any more. */
  settled(): Promise<void> {
    return this.#file.settled();
  }
}

/**
 * What a `VoteFile` kept; undefined without the file. Rejects with `vote_file_unreadable` when it cannot be read, is
 * damaged, or another version wrote it: to go on without it could mean to vote twice.
 */
export async function readVoteFile(path: string): Promise<VoteState | undefined> {
  try {
    const text = await readIfThere(path);
    return text === undefined ? undefined : parseVote(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw leaderFaults.vote_file_unreadable(
      `${path} cannot be used: ${reason} Mend it, or move it away while no other node of the cluster is being restarted.`,
      { cause },
    );
  }
}

function parseVote(text: string): VoteState {
  const { version, term, votedFor, config } = JSON.parse(text) as Record<string, unknown>;
  if (version !== formVersion) throw new Error(`It is of version ${String(version)}, this node reads ${formVersion}.`);
  if (typeof term !== 'number' || !Number.isSafeInteger(term) || term < 0) throw new Error('It has no term.');
  if (votedFor !== undefined && typeof votedFor !== 'string') throw new Error('Its vote is not a name.');
  return { term, votedFor, config: config === undefined ? undefined : readConfig(config, term, 0) };
}
