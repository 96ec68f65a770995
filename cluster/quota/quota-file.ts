import type { Log } from '../../kit/log.ts';
import { LatestFile, readIfThere } from '../latest-file.ts';
import type { KeptQuotas, QuotaStore } from './contract.ts';
import { readKeptQuotas } from './read-kept-quotas.ts';

/** Rises when the form changes so that an older node would misread it. */
const formVersion = 1;

/** A file that says nothing for certain: whatever was taken or lent may be anything. */
const unknown: KeptQuotas = {
  state: 'unknown',
  mayBeTakenOut: true,
  standing: { eras: [], former: [], isAgreed: false, isSaid: false },
  marked: [],
  counts: [],
  loans: [],
};

/** What this node took and lent of limits, in a file of its own. */
export class QuotaFile implements QuotaStore {
  readonly #file: LatestFile;
  #kept: KeptQuotas = unknown;

  constructor(path: string) {
    this.#file = new LatestFile(path, () => JSON.stringify({ version: formVersion, ...this.#kept }) + '\n');
  }

  save(kept: KeptQuotas, done: (error?: unknown) => void): void {
    this.#kept = kept;
    this.#file.save(done);
  }

  /** Resolves once nothing is being written any more. */
  settled(): Promise<void> {
    return this.#file.settled();
  }
}

/**
 * What a `QuotaFile` kept; undefined without the file. One that cannot be read, or that another version wrote, counts as
 * one that knows nothing: this node then waits for a window before it gives out its own share.
 */
export async function readQuotaFile(path: string, log: Log): Promise<KeptQuotas | undefined> {
  try {
    const text = await readIfThere(path);
    return text === undefined ? undefined : parse(text);
  } catch (error) {
    log.warn(`${path} cannot be used; limits begin with what others lend.`, { error });
    return unknown;
  }
}

function parse(text: string): KeptQuotas {
  const kept = JSON.parse(text) as Record<string, unknown>;
  if (kept['version'] !== formVersion) throw new Error(`It is of version ${String(kept['version'])}.`);
  return readKeptQuotas(kept);
}
