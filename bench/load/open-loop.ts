import { Connection, type ConnectionEvents } from './connection.ts';
import type { OpenLoad } from './contract.ts';
import { exchanges, serialise } from './exchanges.ts';
import { Tally, type TallyOutcome } from './tally.ts';

/** Connections opened before the clock starts; more would be waiting than a target at half load ever holds. */
const connectionsMax = 256;
/** Time for the connections to be accepted, and at the end for the last answers to come. */
const settleMs = 200;
const drainMs = 2_000;

/** Runs an open loop for its time: latency is counted from when a request should have left, not from when it could. */
export function runOpenLoop(order: OpenLoad, advance: (stream: number) => void): Promise<TallyOutcome> {
  return new OpenLoop(order, advance).run();
}

class OpenLoop implements ConnectionEvents {
  readonly #order: OpenLoad;
  readonly #advance: (stream: number) => void;
  readonly #request: Buffer;
  readonly #idle: Connection[] = [];
  readonly #busy = new Set<Connection>();
  /** Requests whose time came while no connection was free: only their intended times are kept. */
  readonly #overdue: number[] = [];
  #tally = new Tally();
  #isOver = false;

  constructor(order: OpenLoad, advance: (stream: number) => void) {
    this.#order = order;
    this.#advance = advance;
    this.#request = serialise(exchanges[order.exchange], order.headers);
  }

  async run(): Promise<TallyOutcome> {
    for (let count = 0; count < connectionsMax; count++) this.#idle.push(new Connection(this.#order.port, this));
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    this.#tally = new Tally();
    await this.#sendOnTime();
    const outcome = this.#tally.outcome();
    this.#isOver = true;
    for (const connection of [...this.#idle, ...this.#busy]) connection.close();
    return outcome;
  }

  /** Spins on setImmediate: a timer's millisecond would send requests in bursts and count as the target's latency. */
  #sendOnTime(): Promise<void> {
    const periodMs = 1000 / this.#order.requestsPerSecond;
    const total = Math.floor(this.#order.seconds * this.#order.requestsPerSecond);
    const startMs = performance.now();
    const deadlineMs = startMs + this.#order.seconds * 1000 + drainMs;
    let sent = 0;
    return new Promise((resolve) => {
      const turn = () => {
        const now = performance.now();
        while (sent < total && startMs + sent * periodMs <= now) this.#send(startMs + sent++ * periodMs);
        const isDone = sent === total && this.#busy.size === 0 && this.#overdue.length === 0;
        if (!isDone && now < deadlineMs) {
          setImmediate(turn);
          return;
        }
        this.#countUnanswered(total - sent);
        resolve();
      };
      turn();
    });
  }

  #countUnanswered(unsent: number): void {
    const unanswered = this.#busy.size + this.#overdue.length + unsent;
    for (let count = 0; count < unanswered; count++) this.#tally.failed('not answered before the end of the run');
  }

  #send(intendedMs: number): void {
    const connection = this.#idle.pop();
    if (connection === undefined) {
      this.#overdue.push(intendedMs);
      return;
    }
    this.#busy.add(connection);
    connection.send(this.#request, intendedMs);
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
    if (status === 200) this.#tally.answered(performance.now() - connection.intendedMs);
    else this.#tally.failed(`status ${status}`);
    this.#busy.delete(connection);
    this.#idle.push(connection);
    const overdue = this.#overdue.shift();
    if (overdue !== undefined) this.#send(overdue);
  }

  lost(connection: Connection, reason: string, wasBusy: boolean): void {
    this.#busy.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    if (wasBusy) this.#tally.failed(reason);
    // An idle connection that the target closes is not replaced: a target that refuses all would be asked for ever.
    if (wasBusy && !this.#isOver) this.#idle.push(new Connection(this.#order.port, this));
  }
}
