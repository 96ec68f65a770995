import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { storeFaults } from '../faults.ts';
import { receivedFault, type ThreadAnswer, type ThreadData, type ThreadRequest } from './thread-messages.ts';

const extension = extname(import.meta.filename);
const sqliteFile = new URL(`thread${extension}`, import.meta.url);
const postgresFile = new URL(`../postgres/thread${extension}`, import.meta.url);

/**
 * A batch or a page of traces is some megabytes at most, and V8 would let a thread keep more garbage than that. One that
 * needs more dies, and another is started.
 */
const resourceLimits = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 2 };

export type ThreadCall = ThreadRequest['call'];

export interface ThreadEvents {
  /** It ended, for a reason that is told to those who wait for answers too. */
  readonly onEnded: (reason: unknown) => void;
  /** Nothing is under way any more. */
  readonly onIdle: () => void;
  readonly onMovedAside: (aside: string, error: unknown) => void;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** One thread from its start to its end. The process does not stay alive for it while nothing is asked. */
export class RunningThread {
  readonly #worker: Worker;
  readonly #events: ThreadEvents;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #hasAnswered = false;

  constructor(workerData: ThreadData, events: ThreadEvents) {
    this.#events = events;
    const name = `store-${workerData.role}`;
    const file = workerData.role === 'postgres' ? postgresFile : sqliteFile;
    // It needs nothing of the environment, and nobody should find secrets there.
    this.#worker = new Worker(file, { workerData, resourceLimits, name, env: {}, execArgv: [] });
    this.#worker.on('message', (message: ThreadAnswer) => this.#take(message));
    let reason: unknown;
    this.#worker.on('error', (error) => (reason = error));
    this.#worker.once('exit', (code) => this.#end(reason ?? new Error(`It ended with code ${code}.`)));
  }

  /** Questions without an answer yet. */
  get inFlight(): number {
    return this.#pending.size;
  }

  /** Whether it came so far as to answer anything. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** Rejects with a Fault. */
  ask(call: ThreadCall, given: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#worker.postMessage({ id, call, arguments: given } satisfies ThreadRequest, []);
      this.#worker.ref();
      this.#pending.set(id, { resolve, reject });
    });
  }

  /** At once, whatever it is doing. */
  terminate(): void {
    void this.#worker.terminate();
  }

  #take(message: ThreadAnswer): void {
    if ('movedTo' in message) {
      this.#events.onMovedAside(message.movedTo, receivedFault(message.error));
      return;
    }
    this.#hasAnswered = true;
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (this.#pending.size === 0) {
      this.#worker.unref();
      this.#events.onIdle();
    }
    if ('error' in message) pending?.reject(receivedFault(message.error));
    else pending?.resolve(message.value);
  }

  #end(cause: unknown): void {
    const fault = storeFaults.store_unavailable('A thread of the store of traces and usage ended.', { cause });
    for (const { reject } of this.#pending.values()) reject(fault);
    this.#pending.clear();
    this.#events.onEnded(cause);
  }
}
