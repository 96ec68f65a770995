import { LatestFile, readIfThere } from '../latest-file.ts';
import type { IntentStore, StoredIntent } from './contract.ts';
import { intentFaults } from './faults.ts';
import { readStoredIntent } from './intent-messages.ts';

/** Rises when the form changes so that an older node would misread it. */
const formVersion = 1;
/** A voter remembers as many. */
const keysMax = 10_000;

/** What this voter knows of intents, in a file of its own; as bounded as what is saved to it. */
export class IntentFile implements IntentStore {
  readonly #file: LatestFile;
  readonly #kept: Map<string, readonly StoredIntent[]>;

  /** `kept`: what `readIntentFile` answered. */
  constructor(path: string, kept: readonly StoredIntent[]) {
    this.#kept = Map.groupBy(kept, ({ key }) => key);
    this.#file = new LatestFile(path, () => this.#text());
  }

  save(intents: readonly StoredIntent[], done: (error?: unknown) => void): void {
    if (this.#kept.size > keysMax) this.#tidy();
    for (const [key, ofKey] of Map.groupBy(intents, (intent) => intent.key)) this.#kept.set(key, ofKey);
    this.#file.save(done);
  }

  /** Resolves once nothing is being written any more. */
  settled(): Promise<void> {
    return this.#file.settled();
  }

  /** Drops what says nothing any more, as the voter itself has. */
  #tidy(): void {
    for (const [key, intents] of this.#kept) {
      if (key !== '' && intents.every(({ state }) => state === 'released')) this.#kept.delete(key);
    }
  }

  #text(): string {
    return JSON.stringify({ version: formVersion, intents: [...this.#kept.values()].flat() }) + '\n';
  }
}

/**
 * What an `IntentFile` kept, empty without the file. Rejects with `intent_file_unreadable` when it cannot be read, is
 * damaged, or another version wrote it: to go on without it could mean to grant what was granted.
 */
export async function readIntentFile(path: string): Promise<StoredIntent[]> {
  try {
    const text = await readIfThere(path);
    return text === undefined ? [] : parseIntents(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw intentFaults.intent_file_unreadable(
      `${path} cannot be used: ${reason} Mend it, or move it away; this voter then asks the others what it forgot.`,
      { cause },
    );
  }
}

function parseIntents(text: string): StoredIntent[] {
  const { version, intents } = JSON.parse(text) as Record<string, unknown>;
  if (version !== formVersion) throw new Error(`It is of version ${String(version)}, this node reads ${formVersion}.`);
  if (!Array.isArray(intents)) throw new Error('It has no intents.');
  return intents.map(readStoredIntent);
}
