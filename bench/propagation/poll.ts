import { setTimeout as wait } from 'node:timers/promises';
import type { NodeClient } from '../mesh/node-client.ts';

/** Between an answer and the next question: less would take from the nodes the CPU that they need to do their part. */
const pauseMs = 1;
/** What does not come in this time does not come. */
const patienceMs = 60_000;

/** Asks nodes again and again, each over a connection of its own, and keeps how long a question took. */
export class Poll {
  /** Milliseconds from one question to the next, pause included: how far off a reading may be. */
  readonly periodsMs: number[] = [];

  /**
   * When each node was first seen to have changed: `performance.now()` at the arrival of the answer that says so.
   * Rejects with `what` when one does not.
   */
  seen(
    clients: readonly NodeClient[],
    isSo: (client: NodeClient) => Promise<boolean>,
    what: string,
  ): Promise<number[]> {
    return Promise.all(clients.map((client) => this.#one(client, isSo, what)));
  }

  async #one(client: NodeClient, isSo: (client: NodeClient) => Promise<boolean>, what: string): Promise<number> {
    const deadlineMs = performance.now() + patienceMs;
    for (;;) {
      const askedMs = performance.now();
      const answer = await isSo(client);
      const answeredMs = performance.now();
      if (answer) return answeredMs;
      if (answeredMs > deadlineMs) throw new Error(`not within ${patienceMs} ms at port ${client.port}: ${what}`);
      await wait(pauseMs);
      this.periodsMs.push(performance.now() - askedMs);
    }
  }
}
