import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { inTime } from '../../kit/in-time.ts';
import { requestId } from '../../kit/random.ts';
import type { Settings } from '../config/index.ts';
import type { BackupDesk, BackupPart, NodeFacts } from '../http/dependencies.ts';
import { httpFaults } from '../http/faults.ts';
import { nodeFolderOf } from './mesh/node-identity.ts';

/** Writes a copy into a new file; undefined for what is not in a file of this node. */
export type CopyWriters = Readonly<Record<BackupPart, ((path: string) => Promise<void>) | undefined>>;

/** Whoever has read one copy asks for the next before the file of the first is closed here. */
const closingMs = 2_000;

/** Backups of a node. Copies are made in its own folder, where there is room for what they are copies of. */
export async function makeBackup(settings: Settings, node: BackupFacts, writers: CopyWriters): Promise<BackupDesk> {
  const folder = join(nodeFolderOf(settings), 'backup');
  // What a node that was killed meanwhile has left.
  await rm(folder, { recursive: true, force: true });
  return new Backups(folder, node, writers);
}

type BackupFacts = Pick<NodeFacts, 'clock' | 'random'>;

class Backups implements BackupDesk {
  readonly #folder: string;
  readonly #node: BackupFacts;
  readonly #writers: CopyWriters;
  /** Until it is read and closed. One at a time: each takes as much of the disk as the database itself. */
  #underWay: Promise<void> | undefined;

  constructor(folder: string, node: BackupFacts, writers: CopyWriters) {
    this.#folder = folder;
    this.#node = node;
    this.#writers = writers;
  }

  async open(part: BackupPart): Promise<{ content: Readable; sizeBytes: number }> {
    const write = this.#writers[part];
    if (write === undefined) {
      throw httpFaults.backup_elsewhere('traces and usage are in PostgreSQL; pg_dump copies them');
    }
    if (this.#underWay !== undefined) await inTime(this.#underWay, closingMs, this.#node.clock);
    const end = this.#begin();
    try {
      const copy = await this.#copy(write);
      copy.content.once('close', end);
      return copy;
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Answers what ends it. */
  #begin(): () => void {
    // Of several that waited the first one has it now.
    if (this.#underWay !== undefined)
      throw httpFaults.backup_under_way('another copy is made or read; try again after it');
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#underWay = promise;
    return () => {
      this.#underWay = undefined;
      resolve();
    };
  }

  async #copy(write: (path: string) => Promise<void>): Promise<{ content: Readable; sizeBytes: number }> {
    const path = join(this.#folder, `${requestId(this.#node.random)}.sqlite`);
    try {
      await write(path);
      const file = await open(path, 'r');
      const { size } = await file.stat();
      return { content: file.createReadStream(), sizeBytes: size };
    } finally {
      // An open file can be read without a name, and is gone with whoever reads it, however that ends.
      await rm(this.#folder, { recursive: true, force: true });
    }
  }
}
