import type { Log } from '../../kit/log.ts';

/**
 * Calls back in order, one at a time, and never from inside a call to the transport. What is called back must not
 * throw; if it does, that is a bug of the part above, which is logged and does not keep the others from hearing.
 */
export class Deliveries {
  readonly #log: Log;
  #waiting: (() => void)[] = [];
  #isScheduled = false;

  constructor(log: Log) {
    this.#log = log;
  }

  add(call: () => void): void {
    this.#waiting.push(call);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.#deliver());
  }

  /** Resolves once everything added so far was delivered. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.add(resolve));
  }

  #deliver(): void {
    const calls = this.#waiting;
    this.#waiting = [];
    this.#isScheduled = false;
    for (const call of calls) {
      try {
        call();
      } catch (error) {
        this.#log.error('a part of the mesh failed at what the transport told it', { error });
      }
    }
  }
}
