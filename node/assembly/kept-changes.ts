import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../kit/atomic-file.ts';
import { defineFaults } from '../../kit/fault.ts';

export const keptChangesFaultSpecs = {
  kept_changes_unreadable: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'The file of changes made at run time cannot be read; mend it or move it away.',
  },
} as const;

const faults = defineFaults(keptChangesFaultSpecs);

const fieldsSchema = z.record(z.string(), z.unknown());

const changesSchema = z.strictObject({
  version: z.literal(1),
  /** Accounts made at run time, whole. */
  added: z.record(z.string(), fieldsSchema),
  /** Fields changed at run time of accounts of the configuration. */
  changed: z.record(z.string(), fieldsSchema),
  /** Accounts of the configuration that were removed. */
  removed: z.array(z.string()),
  algorithm: z.string().optional(),
});

export type Changes = z.infer<typeof changesSchema>;

/**
 * What was changed through the API, kept over restarts in `changes.json` of the data folder (0600: it holds the keys
 * of added accounts). What it says is laid over the configuration.
 */
export class KeptChanges {
  readonly #path: string;
  #changes: Changes = { version: 1, added: {}, changed: {}, removed: [] };
  #writing: Promise<void> = Promise.resolve();

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'changes.json');
  }

  get current(): Changes {
    return this.#changes;
  }

  /** Throws `kept_changes_unreadable` for a file that is there and is not ours; an absent one is no change at all. */
  async read(): Promise<void> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
      throw faults.kept_changes_unreadable(`${this.#path} cannot be read`, { cause: error });
    }
    const parsed = changesSchema.safeParse(parseJson(text, this.#path));
    if (!parsed.success) throw faults.kept_changes_unreadable(`${this.#path} is not a file of changes`);
    this.#changes = parsed.data;
  }

  /** Replaces the changes and writes them durably; writes follow each other. */
  write(changes: Changes): Promise<void> {
    this.#changes = changes;
    const text = `${JSON.stringify(changes, null, 2)}\n`;
    // A failed write is reported to its own caller; the next one begins from a clean state.
    const write = () => writeFileAtomic(this.#path, text);
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw faults.kept_changes_unreadable(`${path} is not JSON`, { cause });
  }
}
