import type { Clock } from '../../kit/clock.ts';
import type { Fault } from '../../kit/fault.ts';
import { waitMsMax } from './bounds.ts';
import type { Permit } from './contract.ts';
import { type KeyGate, stepCount } from './key-gate.ts';

export interface EntryDesk {
  readonly clock: Clock;
  /** The request has all that it needs of its buckets, the first of it since `passedMs`. */
  admit(gate: KeyGate, tokensEstimated: number, tokensTaken: number, passedMs: number): Permit | Fault;
  /** The bucket of this step has not enough, nor have the others. */
  refuse(gate: KeyGate, step: number, tokensTaken: number): Fault;
}

export interface Entrant {
  readonly gate: KeyGate;
  readonly tokensEstimated: number;
  readonly tokensTaken: number;
  readonly decided: (outcome: Permit | Fault) => void;
}

/** A request that waits for what other members have to lend. Holds what it took in earlier steps meanwhile. */
export class Entry {
  readonly #desk: EntryDesk;
  readonly #entrant: Entrant;
  readonly #beganMs: number;
  /** The step that is waited for; those below hold what they took. */
  #step: number;
  #isOver = false;

  /** Begins with the step at which there was not enough at hand. */
  constructor(desk: EntryDesk, entrant: Entrant, step: number) {
    this.#desk = desk;
    this.#entrant = entrant;
    this.#beganMs = desk.clock.monotonicMs();
    this.#step = step;
    entrant.gate.underWay++;
    this.#obtain();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Nobody waits for the answer any more. */
  withdraw(): void {
    if (this.#isOver) return;
    this.#end(this.#step);
  }

  get #passedMs(): number {
    return this.#desk.clock.monotonicMs() - this.#beganMs;
  }

  #obtain(): void {
    const { gate, tokensTaken } = this.#entrant;
    const quota = gate.quota(this.#step);
    if (quota === undefined) return this.#passed();
    const amount = this.#step === 2 ? tokensTaken : 1;
    const leftMs = Math.max(1, waitMsMax - this.#passedMs);
    quota.obtain(amount, leftMs, (isTaken) => this.#answered(isTaken));
  }

  #answered(isTaken: boolean): void {
    const { gate, tokensTaken, decided } = this.#entrant;
    if (this.#isOver) {
      if (isTaken) gate.giveBackOne(this.#step, tokensTaken, 0);
    } else if (isTaken) this.#passed();
    else {
      const refusal = this.#desk.refuse(gate, this.#step, tokensTaken);
      this.#end(this.#step);
      decided(refusal);
    }
  }

  #passed(): void {
    const { gate, tokensEstimated, tokensTaken, decided } = this.#entrant;
    this.#step++;
    if (this.#step < stepCount) return this.#obtain();
    this.#isOver = true;
    gate.underWay--;
    decided(this.#desk.admit(gate, tokensEstimated, tokensTaken, this.#passedMs));
  }

  #end(takenSteps: number): void {
    const { gate, tokensTaken } = this.#entrant;
    this.#isOver = true;
    gate.underWay--;
    gate.giveBack(takenSteps, tokensTaken, this.#passedMs);
  }
}
