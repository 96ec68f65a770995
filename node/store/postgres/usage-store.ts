import type { Secret } from '../../../kit/secret.ts';
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
import { StoreThread, type ThreadSurroundings } from '../sqlite/store-thread.ts';
import type { ReaderCalls, WriterCalls } from '../sqlite/thread-messages.ts';
import { checkPostgresUrl, statementTimeoutMs } from './connect.ts';

export interface PostgresUsageStoreOptions {
  readonly url: Secret;
}

/**
 * Traces and usage in a PostgreSQL database that nodes share, over a thread of its own. Resolves without connecting: a
 * server that is away makes calls reject with `store_unavailable` until it is back. Rejects with `store_url_invalid`.
 * Faults besides: `usage_store_newer`, `migration_changed`, `store_question_slow`, `store_batch_refused`, `store_closed`.
 */
export async function openPostgresUsageStore(
  deps: ThreadSurroundings,
  { url }: PostgresUsageStoreOptions,
): Promise<UsageStore> {
  await checkPostgresUrl(url);
  return new PostgresStore(deps, url);
}

type Calls = Omit<WriterCalls, 'open'> & Omit<ReaderCalls, 'backupTo'>;

class PostgresStore implements UsageStore {
  readonly isShared = true;
  readonly #deps: ThreadSurroundings;
  readonly #thread: StoreThread;
  #isClosed = false;

  constructor(deps: ThreadSurroundings, url: Secret) {
    this.#deps = deps;
    const data = { path: url.reveal(), questionTimeoutMs: statementTimeoutMs };
    this.#thread = new StoreThread(deps, { ...data, role: 'postgres', idleMs: undefined });
  }

  write(batch: StoreBatch): Promise<void> {
    return this.#call('write', batch, this.#deps.clock.nowMs());
  }

  usage(query: UsageQuery): Promise<UsageRow[]> {
    return this.#call('usage', query);
  }

  traces(query: TraceQuery): Promise<Trace[]> {
    return this.#call('traces', query);
  }

  trace(requestId: string): Promise<Trace | undefined> {
    return this.#call('trace', requestId);
  }

  prompt(requestId: string): Promise<KeptPrompt | undefined> {
    return this.#call('prompt', requestId);
  }

  sums(node: string, fromMs: number): Promise<KeySum[]> {
    return this.#call('sums', node, fromMs);
  }

  prune(limits: PruneLimits): Promise<{ traces: number; usage: number; prompts: number }> {
    return this.#call('prune', limits, this.#deps.clock.nowMs());
  }

  size(): Promise<{ bytes: number; traces: number }> {
    return this.#call('size');
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread.stop();
  }

  async #call<Name extends keyof Calls>(
    name: Name,
    ...given: Parameters<Calls[Name]>
  ): Promise<ReturnType<Calls[Name]>> {
    if (this.#isClosed) throw storeFaults.store_closed('The store of traces and usage is closed.');
    return (await this.#thread.ask(name, ...given)) as ReturnType<Calls[Name]>;
  }
}
