import type { Clock } from '../../kit/clock.ts';
import { DenseSet } from '../../kit/dense-set.ts';
import type { Answer, AnswerSource, CacheLabel, KeptAnswer, Participant } from './contract.ts';
import { Flight, type FlightObserver, type Seat } from './flight.ts';

/** Answers from elsewhere than this node's own upstream call. */
export interface FlightObserverOfCache {
  led(participant: Participant): void;
  served(source: AnswerSource, participant: Participant): void;
  landed(flight: Flight, answer: Answer): KeptAnswer;
  ended(flight: Flight, isAnswered: boolean): void;
  /** True: the first one leads at once. False: somebody else is asked before, who then calls `promote` or `serve`. */
  mayLead(flight: Flight): boolean;
}

/** All flights of a node. As many as requests are under way, which are bounded elsewhere. */
export class Flights implements FlightObserver {
  readonly #clock: Clock;
  readonly #observer: FlightObserverOfCache;
  /** Those that can be joined. */
  readonly #joinable = new Map<string, Flight>();
  readonly #open = new DenseSet<Flight>();

  constructor(clock: Clock, observer: FlightObserverOfCache) {
    this.#clock = clock;
    this.#observer = observer;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Waits in the flight of its key, or begins one. */
  join(label: CacheLabel, participant: Participant, waitMsMax: number): Seat {
    const underWay = this.#joinable.get(label.key);
    const flight = underWay ?? this.#begin(label, false);
    const seat = flight.sit(participant);
    if (underWay === undefined) {
      this.#joinable.set(label.key, flight);
      // A member that asks believes this node to be the owner: it is not sent on to yet another one.
      if (participant.isRemote === true || this.#observer.mayLead(flight)) flight.lead(seat);
    }
    if (!seat.isLeading) seat.deadline = this.#clock.after(waitMsMax, () => seat.goAlone());
    return seat;
  }

  /** Leads in a flight that nobody else can join. */
  alone(label: CacheLabel, participant: Participant): Seat {
    const flight = this.#begin(label, true);
    const seat = flight.sit(participant);
    flight.lead(seat);
    return seat;
  }

  /** Entries were cleared: who comes from now on must not be given the answer of a flight that began before. */
  markStale(isMeant: (label: CacheLabel) => boolean): void {
    for (const flight of this.#open.snapshot()) {
      if (!isMeant(flight.label)) continue;
      flight.isStale = true;
      this.closed(flight);
    }
  }

  led(participant: Participant): void {
    this.#observer.led(participant);
  }

  served(source: AnswerSource, participant: Participant): void {
    this.#observer.served(source, participant);
  }

  landed(flight: Flight, answer: Answer): KeptAnswer {
    return this.#observer.landed(flight, answer);
  }

  closed(flight: Flight): void {
    if (this.#joinable.get(flight.label.key) === flight) this.#joinable.delete(flight.label.key);
  }

  ended(flight: Flight, isAnswered: boolean): void {
    this.#open.delete(flight);
    this.#observer.ended(flight, isAnswered);
  }

  #begin(label: CacheLabel, isAlone: boolean): Flight {
    const flight = new Flight(label, this.#clock.monotonicMs(), isAlone, this);
    this.#open.add(flight);
    return flight;
  }
}
