import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../kit/atomic-file.ts';
import { interruptedWrites } from '../../kit/interrupted-writes.ts';
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
    const kept = await this.#readKept(place);
    try {
      return await this.#rescue(place, kept);
    } catch (error) {
      const { accountId: account } = place;
      this.#parts.log.error(`what an interrupted write of the token of account ${account} left cannot be read`, {
        account,
        error,
      });
      return kept;
    }
  }

  async #readKept(place: TokenPlace): Promise<HeldToken | undefined> {
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

  /**
   * A process that was killed while it wrote leaves its temporary file. When the token in it is whole and newer, it is
   * the only one that the login service still takes.
   */
  async #rescue(place: TokenPlace, kept: HeldToken | undefined): Promise<HeldToken | undefined> {
    const { log } = this.#parts;
    const account = place.accountId;
    const path = this.pathOf(place);
    const writes = await interruptedWrites(path);
    let newest = kept;
    for (const write of writes) {
      const text = await readBounded(write.path);
      const token = text === undefined ? undefined : decodeTokenFile(account, text);
      if (token !== undefined && (newest === undefined || isNewer(token, newest))) newest = token;
    }
    if (newest !== undefined && newest !== kept) {
      log.warn(`the write of the token of account ${account} was interrupted; what it left is whole and is used`, {
        account,
      });
      await this.#write(path, encodeTokenFile(account, newest)).catch((error: unknown) =>
        log.error(`the rescued token of account ${account} cannot be written to ${path}`, { account, error }),
      );
      // Until it stands in its place, what was left is all there is.
      if ((await this.#readKept(place))?.refresh.reveal() !== newest.refresh.reveal()) return newest;
    }
    for (const write of writes) if (write.isOver) await rm(write.path, { force: true });
    return newest;
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
