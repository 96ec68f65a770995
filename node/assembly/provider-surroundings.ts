import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
import type { CredentialFiles, ProviderEnvironment, TokenSource } from '../providers/contract.ts';
import type { NotesFile } from './account-notes.ts';

/** Output bound for formats that demand one, where nobody set `default_max_tokens` (S4's figure). */
const fallbackMaxTokens = 4000;

export interface ProviderSurroundingsParts {
  clock: Clock;
  random: Random;
  log: Log;
  notes: Pick<NotesFile, 'of'>;
  /** node/forward's `askOrigin`. */
  ask: ProviderEnvironment['ask'];
  defaultMaxTokens: number | undefined;
}

export interface SurroundedAccount {
  readonly id: string;
  /** Names the account's credential: notes made for another one are void. */
  readonly credential: string;
  readonly files: CredentialFiles;
  readonly token: TokenSource | undefined;
}

/** What a node lends to the providers of its accounts. */
export class ProviderSurroundings {
  readonly #parts: ProviderSurroundingsParts;

  constructor(parts: ProviderSurroundingsParts) {
    this.#parts = parts;
  }

  of({ id, credential, files, token }: SurroundedAccount): ProviderEnvironment {
    const { clock, random, log, notes, ask, defaultMaxTokens } = this.#parts;
    return {
      defaultMaxTokens: defaultMaxTokens ?? fallbackMaxTokens,
      files,
      notes: notes.of(id, credential),
      clock,
      random,
      log: log.child({ account: id }),
      ask,
      ...(token === undefined ? {} : { token }),
    };
  }
}
