import { systemClock } from '../../../kit/clock.ts';
import type { KeptPrompt, KeySum, Trace, TraceQuery, UsageQuery, UsageRow } from '../contract.ts';
import { patienceOf, type Patience } from '../read-traces.ts';
import { UsageReader } from './usage-reader.ts';

/** Answers questions about `usage.sqlite`, which it opens with the first. */
export class Reader {
  readonly #path: string;
  readonly #pause: () => Promise<void>;
  readonly #questionTimeoutMs: number;
  #file: UsageReader | undefined;

  constructor(path: string, pause: () => Promise<void>, questionTimeoutMs: number) {
    this.#path = path;
    this.#pause = pause;
    this.#questionTimeoutMs = questionTimeoutMs;
  }

  usage(query: UsageQuery): UsageRow[] {
    return this.#opened().usage(query);
  }

  traces(query: TraceQuery): Promise<Trace[]> {
    return this.#opened().traces(query, this.#patience());
  }

  trace(requestId: string): Promise<Trace | undefined> {
    return this.#opened().trace(requestId, this.#patience());
  }

  prompt(requestId: string): KeptPrompt | undefined {
    return this.#opened().prompt(requestId);
  }

  sums(node: string, fromMs: number): KeySum[] {
    return this.#opened().sums(node, fromMs);
  }

  size(): { bytes: number; traces: number } {
    return this.#opened().size();
  }

  backupTo(path: string): Promise<void> {
    return this.#opened().backupTo(path);
  }

  close(): void {
    this.#file?.close();
  }

  #opened(): UsageReader {
    this.#file ??= new UsageReader(this.#path, this.#pause);
    return this.#file;
  }

  #patience(): Patience {
    return patienceOf(this.#questionTimeoutMs, () => systemClock.monotonicMs());
  }
}
