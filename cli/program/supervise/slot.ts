import { backoffMs } from '../../../kit/backoff.ts';
import type { Clock } from '../../../kit/clock.ts';
import type { Log } from '../../../kit/log.ts';
import type { Random } from '../../../kit/random.ts';
import type { AdminFacts, NodeFacts } from './messages.ts';
import type { Exit, SupervisedProcess } from './supervised-process.ts';

/** A crash at once costs a start, which takes about a second of processor time: soon again, then seldom. */
const restartDelay = { baseMs: 200, capMs: 30_000 };
/** A node that ran for so long is taken to be sound: what ended it counts as the first failure. */
const soundAfterMs = 60_000;

export interface SlotParts {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  spawn(): SupervisedProcess;
  /** The node made the first user. */
  onAdmin(made: AdminFacts): void;
  /** After each end that nobody asked for: so many in a row. */
  onFailure(failures: number, exit: Exit): void;
}

/** One place for a node: keeps a process in it until it is stopped. */
export class Slot {
  readonly #parts: SlotParts;
  readonly #stopped = new AbortController();
  readonly #firstListening = Promise.withResolvers<NodeFacts>();
  #process: SupervisedProcess | undefined;
  #replacement = Promise.withResolvers<SupervisedProcess>();
  #isRenewing = false;
  #wake: AbortController | undefined;
  #running: Promise<void> | undefined;

  constructor(parts: SlotParts) {
    this.#parts = parts;
  }

  get isReady(): boolean {
    return this.#process?.isReady === true;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts a process and keeps one from then on; resolves when the first one listens. */
  start(): Promise<NodeFacts> {
    this.#running ??= this.#run();
    return this.#firstListening.promise;
  }

  /** Drains the process and starts another. False when that one ended before it was ready, or the slot was stopped. */
  async renew(): Promise<boolean> {
    if (this.#stopped.signal.aborted) return false;
    this.#isRenewing = true;
    const next = this.#replacement.promise;
    if (this.#wake === undefined) this.#process?.stop();
    else this.#wake.abort();
    const process = await Promise.race([next, this.#untilStopped()]);
    if (process === undefined) return false;
    return await Promise.race([process.ready.then(() => true), process.exited.then(() => false)]);
  }

  /** Drains the process; resolves once it is gone. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#wake?.abort();
    this.#process?.stop();
    await this.#running;
  }

  kill(): void {
    this.#process?.kill();
  }

  async #run(): Promise<void> {
    const { clock, log, name } = this.#parts;
    let failures = 0;
    while (!this.#stopped.signal.aborted) {
      const process = this.#spawn();
      const startedMs = clock.monotonicMs();
      void process.listening.then(this.#firstListening.resolve);
      const exit = await process.exited;
      if (this.#stopped.signal.aborted) return;
      if (this.#isRenewing) continue;
      if (clock.monotonicMs() - startedMs >= soundAfterMs) failures = 0;
      failures++;
      this.#parts.onFailure(failures, exit);
      if (this.#stopped.signal.aborted) return;
      log.error('a node ended by itself and is started again', { node: name, ...exit, failures });
      await this.#rest(failures - 1);
    }
  }

  #spawn(): SupervisedProcess {
    const process = this.#parts.spawn();
    void process.adminMade.then((made) => this.#parts.onAdmin(made));
    this.#process = process;
    if (this.#isRenewing) {
      this.#isRenewing = false;
      this.#replacement.resolve(process);
      this.#replacement = Promise.withResolvers();
    }
    return process;
  }

  async #rest(attempt: number): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    this.#wake = new AbortController();
    const delayMs = backoffMs(attempt, restartDelay, this.#parts.random);
    // Woken early: by a stop or a renewal.
    await this.#parts.clock.sleep(delayMs, this.#wake.signal).catch(() => undefined);
    this.#wake = undefined;
  }

  #untilStopped(): Promise<undefined> {
    const { signal } = this.#stopped;
    if (signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
  }
}
