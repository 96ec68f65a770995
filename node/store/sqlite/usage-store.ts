import { join } from 'node:path';
import type {
  KeptPrompt,
  KeySum,
  PruneLimits,
  StoreBatch,
  Trace,
  TraceQuery,
  UsageQuery,
  UsageRow,
  UsageStore,
} from '../contract.ts';
import { storeFaults } from '../faults.ts';
import { StoreThread, type ThreadSurroundings } from './store-thread.ts';
import type { ReaderCalls, WriterCalls } from './thread-messages.ts';

const fileName = 'usage.sqlite';

/** A reader costs memory, and questions come in groups: from a person who looks at a page. */
const readerIdleMs = 60_000;

const usualQuestionTimeoutMs = 20_000;

export interface SqliteUsageStoreOptions {
  /** The node's own folder; made where it is missing. */
  readonly folder: string;
  /** Longest question; 20 s unless given, which is longer than anybody waits for an answer. */
  readonly questionTimeoutMs?: number;
}

/** The store of a node alone, or of each node of a mesh for itself. */
export interface SqliteUsageStore extends UsageStore {
  backupTo(path: string): Promise<void>;
}

/**
 * `usage.sqlite` in a folder. One thread writes, started with the first write; another answers questions, started with
 * the first of them and ended a minute after the last. A file that is damaged is moved aside and a new one begun, as
 * the records of the mesh do it. A disk that is full or broken makes calls reject with `store_unavailable`; nothing is
 * written in part, and the next call tries again. Faults besides: `usage_store_newer`, `migration_changed`,
 * `store_question_slow`, `store_batch_refused`, `store_closed`.
 */
export function openSqliteUsageStore(deps: ThreadSurroundings, options: SqliteUsageStoreOptions): SqliteUsageStore {
  return new ThreadedStore(deps, options);
}

class ThreadedStore implements SqliteUsageStore {
  readonly isShared = false;
  readonly #deps: ThreadSurroundings;
  readonly #writer: StoreThread;
  readonly #reader: StoreThread;
  /** The file is there and of this version, so that who only reads can open it. */
  #isOpened = false;
  #isClosed = false;

  constructor(
    deps: ThreadSurroundings,
    { folder, questionTimeoutMs = usualQuestionTimeoutMs }: SqliteUsageStoreOptions,
  ) {
    this.#deps = deps;
    const path = join(folder, fileName);
    const data = { path, questionTimeoutMs };
    this.#reader = new StoreThread(deps, { ...data, role: 'reader', idleMs: readerIdleMs });
    // The reader has the old file open.
    const onMovedAside = () => void this.#reader.stop();
    this.#writer = new StoreThread(deps, { ...data, role: 'writer', idleMs: undefined, onMovedAside });
  }

  async write(batch: StoreBatch): Promise<void> {
    await this.#change('write', batch, this.#deps.clock.nowMs());
    this.#isOpened = true;
  }

  usage(query: UsageQuery): Promise<UsageRow[]> {
    return this.#question('usage', query);
  }

  traces(query: TraceQuery): Promise<Trace[]> {
    return this.#question('traces', query);
  }

  trace(requestId: string): Promise<Trace | undefined> {
    return this.#question('trace', requestId);
  }

  prompt(requestId: string): Promise<KeptPrompt | undefined> {
    return this.#question('prompt', requestId);
  }

  sums(node: string, fromMs: number): Promise<KeySum[]> {
    return this.#question('sums', node, fromMs);
  }

  prune(limits: PruneLimits): Promise<{ traces: number; usage: number; prompts: number }> {
    return this.#change('prune', limits, this.#deps.clock.nowMs());
  }

  size(): Promise<{ bytes: number; traces: number }> {
    return this.#question('size');
  }

  backupTo(path: string): Promise<void> {
    return this.#question('backupTo', path);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // The last to close puts the journal into the file, which who only reads cannot.
    await this.#reader.stop();
    await this.#writer.stop();
  }

  async #change<Name extends keyof WriterCalls>(
    name: Name,
    ...given: Parameters<WriterCalls[Name]>
  ): Promise<ReturnType<WriterCalls[Name]>> {
    if (this.#isClosed) throw closed();
    return (await this.#writer.ask(name, ...given)) as ReturnType<WriterCalls[Name]>;
  }

  async #question<Name extends keyof ReaderCalls>(
    name: Name,
    ...given: Parameters<ReaderCalls[Name]>
  ): Promise<ReturnType<ReaderCalls[Name]>> {
    if (this.#isClosed) throw closed();
    if (!this.#isOpened) await this.#open();
    return (await this.#reader.ask(name, ...given)) as ReturnType<ReaderCalls[Name]>;
  }

  /** By the writer, which makes the file; one that is there can be read though it cannot be written. */
  async #open(): Promise<void> {
    try {
      await this.#change('open', this.#deps.clock.nowMs());
      this.#isOpened = true;
    } catch (error) {
      this.#deps.log.warn('The file of traces cannot be opened for writing; questions read what it holds.', { error });
    }
  }
}

function closed(): Error {
  return storeFaults.store_closed('The store of traces and usage is closed.');
}
