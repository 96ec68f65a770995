import { Connection, type ConnectionEvents } from './connection.ts';
import type { ClosedLoad } from './contract.ts';
import { exchanges, serialise } from './exchanges.ts';
import { Tally, type TallyOutcome } from './tally.ts';

/** An exchange without progress for so long is given up: a target that holds events back would wait for ever. */
const stallMs = 3_000;
/** A target that closes every connection is not asked more often than this in a run. */
const reconnectsMax = 1_000;

/** Runs a closed loop for its time. `advance` lets the upstream send a stream's next event. */
export function runClosedLoop(order: ClosedLoad, advance: (stream: number) => void): Promise<TallyOutcome> {
  return new ClosedLoop(order, advance).run();
}

class ClosedLoop implements ConnectionEvents {
  readonly #order: ClosedLoad;
  readonly #advance: (stream: number) => void;
  readonly #request: Buffer;
  readonly #connections = new Set<Connection>();
  readonly #tally = new Tally();
  #reconnects = 0;

  constructor(order: ClosedLoad, advance: (stream: number) => void) {
    this.#order = order;
    this.#advance = advance;
    this.#request = serialise(exchanges[order.exchange], order.headers);
  }

  run(): Promise<TallyOutcome> {
    for (let count = 0; count < this.#order.connections; count++) this.#open();
    const watch = setInterval(() => this.#giveUpStalled(), stallMs / 4);
    return new Promise((resolve) => {
      setTimeout(() => {
        const outcome = this.#tally.outcome();
        clearInterval(watch);
        for (const connection of this.#connections) connection.close();
        resolve(outcome);
      }, this.#order.seconds * 1000);
    });
  }

  event(connection: Connection, stream: number): void {
    this.#tally.events++;
    if (!connection.sawEvent) {
      connection.sawEvent = true;
      this.#tally.firstEventSeen(performance.now() - connection.intendedMs);
    }
    this.#advance(stream);
  }

  answered(connection: Connection, status: number): void {
    const now = performance.now();
    if (status === 200) this.#tally.answered(now - connection.intendedMs);
    else this.#tally.failed(`status ${status}`);
    connection.send(this.#request, now);
  }

  lost(connection: Connection, reason: string, wasBusy: boolean): void {
    this.#connections.delete(connection);
    if (wasBusy) this.#tally.failed(reason);
    if (this.#reconnects++ < reconnectsMax) setImmediate(() => this.#open());
  }

  #open(): void {
    const connection = new Connection(this.#order.port, this);
    this.#connections.add(connection);
    connection.send(this.#request, performance.now());
  }

  #giveUpStalled(): void {
    const oldest = performance.now() - stallMs;
    for (const connection of this.#connections) {
      if (connection.isBusy && connection.intendedMs < oldest) connection.abandon(`no end within ${stallMs} ms`);
    }
  }
}
