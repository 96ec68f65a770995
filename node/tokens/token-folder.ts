import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../kit/atomic-file.ts';
import type { Log } from '../../kit/log.ts';
import type { HeldToken, TokenFiles, TokenPlace } from './contract.ts';
import { hashOf, isNewer } from './held-token.ts';
import { decodeTokenFile, encodeTokenFile } from './token-file.ts';

/** A token file has a few kilobytes; a longer one is not ours. */
const fileBytesMax = 256 * 1024;

export interface TokenFolderParts {
  dataDir: string;
  home: string;
  log: Log;
  /** Replaces a file durably; `writeFileAtomic` but in tests. */
  write?: (path: string, text: string) => Promise<void>;
}

/** Tokens on disk, one file an account (0600, in folders of 0700), each replaced in one step. */
export class TokenFolder implements TokenFiles {
  readonly #parts: TokenFolderParts;
  readonly #write: (path: string, text: string) => Promise<void>;

  constructor(parts: TokenFolderParts) {
    this.#parts = parts;
    this.#write = parts.write ?? writeFileAtomic;
  }

  async read(place: TokenPlace): Promise<HeldToken | undefined> {
    const path = this.pathOf(place);
    const { log } = this.#parts;
    const account = place.accountId;
    try {
      const text = await readBounded(path);
      if (text === undefined) return undefined;
      const token = decodeTokenFile(account, text);
      if (token === undefined) log.warn(`${path} is no token of account ${account}; it is not used`, { account });
      return token;
    } catch (error) {
      log.error(`${path} cannot be read; the configured refresh token is used in its place`, { account, error });
      return undefined;
    }
  }

  /** Nodes of one machine may share a folder: a newer token that another of them wrote stays. */
  async write(place: TokenPlace, token: HeldToken): Promise<void> {
    // What cannot be read is no reason to keep a new token from the disk.
    const text = await readBounded(this.pathOf(place)).catch(() => undefined);
    const kept = text === undefined ? undefined : decodeTokenFile(place.accountId, text);
    if (kept !== undefined && kept.roots[0] === token.roots[0] && isNewer(kept, token)) return;
    await this.#write(this.pathOf(place), encodeTokenFile(place.accountId, token));
  }

  pathOf({ accountId, homeFolder }: TokenPlace): string {
    const { dataDir, home } = this.#parts;
    const folder = homeFolder === undefined ? join(dataDir, 'tokens') : join(home, homeFolder);
    return join(folder, `${fileNameOf(accountId)}.json`);
  }
}

/** The id itself where it is plain; else what is plain of it, and a hash that keeps it apart from others. */
export function fileNameOf(accountId: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(accountId)) return accountId;
  const plain = accountId.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 48);
  return `_${plain}-${hashOf(accountId).slice(0, 16)}`;
}

/** Undefined when there is no such file. */
async function readBounded(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(fileBytesMax), 0, fileBytesMax, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
