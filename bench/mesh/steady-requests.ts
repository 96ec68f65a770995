import type { NodeClient } from './node-client.ts';

/** Requests are sent in a bunch so often: finer than the mesh samples its counters. */
const bunchMs = 10;
/** A node that does not answer is not asked for more. */
const underWayMax = 256;

/** A modest, even rate of small requests over some nodes in turn; what does not get through is counted. */
export class SteadyRequests {
  answered = 0;
  failed = 0;
  firstFailure: string | undefined;
  readonly #clients: readonly NodeClient[];
  readonly #perSecond: number;
  readonly #underWay = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;

  constructor(clients: readonly NodeClient[], perSecond: number) {
    this.#clients = clients;
    this.#perSecond = perSecond;
  }

  start(): void {
    if (this.#perSecond === 0) return;
    const beganMs = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - beganMs) * this.#perSecond) / 1000);
      while (this.#sent < due) this.#send();
    }, bunchMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
  }

  #send(): void {
    const client = this.#clients[this.#sent++ % this.#clients.length];
    if (client === undefined) return;
    if (this.#underWay.size >= underWayMax) return this.#fail(`more than ${underWayMax} under way`);
    const asked = client.ask('gpt-4o-mini', 'Say in one sentence what a proxy does, please.').then(
      ({ status }) => {
        if (status === 200) this.answered++;
        else this.#fail(`status ${status}`);
      },
      (error: unknown) => this.#fail(String(error)),
    );
    this.#underWay.add(asked);
    void asked.finally(() => this.#underWay.delete(asked));
  }

  #fail(reason: string): void {
    this.failed++;
    this.firstFailure ??= reason;
  }
}
