import { backoffMs } from '../../../kit/backoff.ts';
import type { Clock, Timer } from '../../../kit/clock.ts';
import type { Log } from '../../../kit/log.ts';
import type { Random } from '../../../kit/random.ts';
import { storeFaults } from '../faults.ts';
import { RunningThread, type ThreadCall } from './running-thread.ts';
import type { ThreadData } from './thread-messages.ts';

/** A thread that answers nothing, on a disk that hangs, is asked no more than this. */
const inFlightMax = 32;

/** A thread that dies at its start is not started in a circle. */
const restart = { baseMs: 200, capMs: 30_000 };

/** A disk that hangs does not keep the node from ending. */
const closeTimeoutMs = 5_000;

export interface ThreadSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface StoreThreadOptions extends ThreadData {
  /** Ends the thread when nothing was asked for so long; undefined: never. */
  readonly idleMs: number | undefined;
  /** The file has another name since, and a new one is in its place. */
  readonly onMovedAside?: () => void;
}

/** A thread of the store as those see it who ask it: started with the first question, and again after it died. */
export class StoreThread {
  readonly #deps: ThreadSurroundings;
  readonly #options: StoreThreadOptions;
  #running: RunningThread | undefined;
  readonly #closing = new Set<Promise<void>>();
  #idle: Timer | undefined;
  #deaths = 0;
  #restsUntilMs = -Infinity;

  constructor(deps: ThreadSurroundings, options: StoreThreadOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Rejects with a Fault: what the thread says, or `store_unavailable` where it cannot be asked or died meanwhile. */
  ask(call: ThreadCall, ...given: readonly unknown[]): Promise<unknown> {
    const restMs = this.#restsUntilMs - this.#deps.clock.monotonicMs();
    if (restMs > 0) return Promise.reject(unavailable('has ended and is not started again yet', restMs));
    this.#idle?.cancel();
    this.#running ??= this.#start();
    if (this.#running.inFlight >= inFlightMax) return Promise.reject(unavailable('has too much to do', restart.baseMs));
    return this.#running.ask(call, given);
  }

  /** Lets it finish what it was asked, and ends it; another is started with the next question. */
  async stop(): Promise<void> {
    this.#idle?.cancel();
    const running = this.#running;
    this.#running = undefined;
    if (running !== undefined) {
      const closing = this.#close(running).finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    }
    await Promise.all(this.#closing);
  }

  async #close(running: RunningThread): Promise<void> {
    const late = this.#deps.clock.after(closeTimeoutMs, () => running.terminate());
    try {
      await running.ask('close', []);
    } catch (error) {
      this.#deps.log.warn('A thread of the store did not close its file.', { role: this.#options.role, error });
    }
    late.cancel();
  }

  #start(): RunningThread {
    const { role, path, questionTimeoutMs, onMovedAside } = this.#options;
    const running: RunningThread = new RunningThread(
      { role, path, questionTimeoutMs },
      {
        onEnded: (error) => this.#ended(running, error),
        onIdle: () => this.#restAfterUse(running),
        onMovedAside: (aside, error) => {
          this.#deps.log.error('The file of traces is damaged. It is moved aside, and a new one begun.', {
            aside,
            error,
          });
          onMovedAside?.();
        },
      },
    );
    return running;
  }

  #restAfterUse(running: RunningThread): void {
    const { idleMs } = this.#options;
    // One that was told to end answers that too.
    if (idleMs === undefined || this.#running !== running) return;
    this.#idle = this.#deps.clock.after(idleMs, () => void this.stop());
  }

  #ended(running: RunningThread, error: unknown): void {
    // One that was told to end is no longer this one.
    if (this.#running !== running) return;
    this.#running = undefined;
    this.#idle?.cancel();
    this.#deaths = running.hasAnswered ? 0 : this.#deaths + 1;
    const { clock, random, log } = this.#deps;
    this.#restsUntilMs = clock.monotonicMs() + backoffMs(this.#deaths, restart, random);
    log.error('A thread of the store ended.', { role: this.#options.role, error });
  }
}

function unavailable(what: string, retryAfterMs: number): Error {
  return storeFaults.store_unavailable(`A thread of the store of traces and usage ${what}.`, { retryAfterMs });
}
