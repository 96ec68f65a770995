import type { Timer } from '../../kit/clock.ts';
import type { DenseMember } from '../../kit/dense-set.ts';
import type { Answer, AnswerSource, CacheLabel, KeptAnswer, Participant, Participation } from './contract.ts';

/** What a flight tells of itself. */
export interface FlightObserver {
  /** A participant asks the upstream: one miss. */
  led(participant: Participant): void;
  /** A participant is given another's answer. */
  served(source: AnswerSource, participant: Participant): void;
  /** A leader's answer is complete; answers what may be handed out. */
  landed(flight: Flight, answer: Answer): KeptAnswer;
  /** Nobody can join any more: an answer came, or none will. */
  closed(flight: Flight): void;
  /** Nobody takes part any more. `isAnswered` tells whether an answer came. */
  ended(flight: Flight, isAnswered: boolean): void;
}

/**
 * Identical requests under way. Leaders ask the upstream, the others wait for the first complete answer. When the last
 * leader fails, one of those who wait leads; after each further failure twice as many, so that neither all of them ask
 * at once nor the last one waits for as many failures as there are requests.
 */
export class Flight implements DenseMember {
  denseIndex = -1;
  readonly label: CacheLabel;
  readonly begunMs: number;
  /** Entries like its own were cleared after it began: its answer is for its own participants alone. */
  isStale = false;
  /** Nobody can join it: its client wants an answer of its own. */
  readonly isAlone: boolean;
  readonly #observer: FlightObserver;
  readonly #leading = new Set<Seat>();
  readonly #waiting = new Set<Seat>();
  #failures = 0;
  #isClosed = false;
  #isAnswered = false;
  #isEnded = false;

  constructor(label: CacheLabel, begunMs: number, isAlone: boolean, observer: FlightObserver) {
    this.label = label;
    this.isAlone = isAlone;
    this.begunMs = begunMs;
    this.#observer = observer;
  }

  get hasFollowers(): boolean {
    return this.#waiting.size > 0;
  }

  get hasLeader(): boolean {
    return this.#leading.size > 0;
  }

  sit(participant: Participant): Seat {
    const seat = new Seat(this, participant);
    this.#waiting.add(seat);
    return seat;
  }

  /** The seat leads from now on, without being told. */
  lead(seat: Seat): void {
    this.#waiting.delete(seat);
    this.#leading.add(seat);
    seat.becomeLeading();
    this.#observer.led(seat.participant);
  }

  /** So many of those who wait, longest first, are told to lead. */
  promote(count: number): void {
    const chosen: Seat[] = [];
    for (const seat of this.#waiting) {
      if (chosen.length >= count) break;
      chosen.push(seat);
    }
    for (const seat of chosen) this.lead(seat);
    for (const seat of chosen) seat.participant.lead();
  }

  land(seat: Seat, answer: Answer): void {
    const kept = this.#observer.landed(this, answer);
    this.#leave(seat);
    this.serve(kept, seat.participant.isRemote === true ? 'peer' : 'hit');
  }

  /** Gives all who wait the answer. Of those for whom it is too old one leads, unless somebody does. */
  serve(answer: KeptAnswer, source: AnswerSource): void {
    this.#isAnswered = true;
    this.close();
    const ageMs = answer.ageMs();
    const content = [...this.#waiting].filter(({ participant }) => ageMs <= (participant.ageMsMax ?? Infinity));
    for (const seat of content) this.#leave(seat);
    if (!this.hasLeader) this.promote(1);
    for (const { participant } of content) {
      this.#observer.served(source, participant);
      participant.serve(answer, source);
    }
    this.#endIfEmpty();
  }

  forbid(seat: Seat): void {
    this.#leave(seat);
    this.close();
    this.promote(Infinity);
    this.#endIfEmpty();
  }

  fail(seat: Seat, isFailure: boolean): void {
    const wasLeading = this.#leading.has(seat);
    this.#leave(seat);
    if (wasLeading && !this.hasLeader && this.hasFollowers) {
      const count = 2 ** this.#failures;
      if (isFailure) this.#failures++;
      this.promote(count);
    }
    if (!wasLeading && !this.hasFollowers) for (const leader of this.#leading) leader.participant.deserted();
    this.#endIfEmpty();
  }

  /** No request joins any more. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#observer.closed(this);
  }

  #leave(seat: Seat): void {
    seat.becomeIdle();
    this.#leading.delete(seat);
    this.#waiting.delete(seat);
  }

  #endIfEmpty(): void {
    if (this.#isEnded || this.hasLeader || this.hasFollowers) return;
    this.#isEnded = true;
    this.close();
    this.#observer.ended(this, this.#isAnswered);
  }
}

/** One request's place in a flight. */
export class Seat implements Participation {
  readonly participant: Participant;
  /** Set while it waits: ends the wait at its deadline. */
  deadline: Timer | undefined;
  readonly #flight: Flight;
  #state: 'waiting' | 'leading' | 'idle' = 'waiting';

  constructor(flight: Flight, participant: Participant) {
    this.#flight = flight;
    this.participant = participant;
  }

  get isLeading(): boolean {
    return this.#state === 'leading';
  }

  get hasFollowers(): boolean {
    return this.#state === 'leading' && this.#flight.hasFollowers;
  }

  keep(answer: Answer): void {
    if (this.#state !== 'idle') this.#flight.land(this, answer);
  }

  forbid(): void {
    if (this.#state !== 'idle') this.#flight.forbid(this);
  }

  fail(): void {
    if (this.#state !== 'idle') this.#flight.fail(this, true);
  }

  leave(): void {
    if (this.#state !== 'idle') this.#flight.fail(this, false);
  }

  /** The wait has lasted long enough: leads beside whoever leads already. */
  goAlone(): void {
    if (this.#state !== 'waiting') return;
    this.#flight.lead(this);
    this.participant.lead();
  }

  /** For the flight alone. */
  becomeLeading(): void {
    this.#state = 'leading';
    this.#stopWaiting();
  }

  /** For the flight alone. */
  becomeIdle(): void {
    this.#state = 'idle';
    this.#stopWaiting();
  }

  #stopWaiting(): void {
    this.deadline?.cancel();
    this.deadline = undefined;
  }
}
