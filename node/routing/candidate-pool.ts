import { BoundedQueue, type QueuePlace } from '../../kit/bounded-queue.ts';
import { IndexedHeap, type HeapItem } from '../../kit/indexed-heap.ts';
import type { Random } from '../../kit/random.ts';
import type { Account } from '../accounts/contract.ts';
import type { PickContext } from './contract.ts';

/** A parked account is looked at again after this, also when nobody said that it may serve again. */
const recheckMs = 250;
/** Parked accounts looked at again per choice, so that a choice costs the same however many are parked. */
const rechecksPerPick = 4;

/** A candidate with its place in the order. `index` is its position in the list the pool was made of. */
export interface Seat extends HeapItem {
  readonly account: Account;
  readonly index: number;
  /** Its cost when last looked at. Costs that rose since are noticed when it comes to the top. */
  cost: number;
  /** When it was last chosen: ties go to the one that waited longest. */
  turn: number;
  parkedAtMs: number;
  place: QueuePlace<Seat> | undefined;
}

/**
 * The candidates of one choice, those that can serve apart from those that cannot:
 *
 *   live (a heap by cost, then by turn)  ──cannot serve──►  parked (a queue by time)
 *                  ▲                                            │
 *                  └──────touched, or looked at again───────────┘
 *
 * Each account is parked once per time that it becomes unable to serve, so a choice costs O(log n) amortised, whether
 * all of 1,000 can serve or one. `cost` must be cheap; when it falls, `touch` must be called; rises need no call.
 */
export class CandidatePool {
  readonly seats: readonly Seat[];
  readonly #byAccount = new Map<Account, Seat>();
  readonly #cost: (seat: Seat) => number;
  readonly #live = new IndexedHeap<Seat>((left, right) =>
    left.cost === right.cost ? left.turn < right.turn : left.cost < right.cost,
  );
  readonly #parked: BoundedQueue<Seat>;
  /** Seats set aside during one choice: tried before, but still able to serve. */
  readonly #aside: Seat[] = [];
  #turn: number;

  constructor(candidates: readonly Account[], cost: (seat: Seat) => number = () => 0) {
    this.#cost = cost;
    this.#turn = candidates.length;
    this.#parked = new BoundedQueue(candidates.length);
    this.seats = candidates.map((account, index) => newSeat(account, index));
    for (const seat of this.seats) {
      this.#byAccount.set(seat.account, seat);
      seat.cost = cost(seat);
      this.#live.push(seat);
    }
  }

  /** Candidates not known to be unable to serve. */
  get liveCount(): number {
    return this.#live.size;
  }

  seatOf(account: Account): Seat | undefined {
    return this.#byAccount.get(account);
  }

  /** The least cost among those that can serve and were not tried; ties in turn. Counts as its turn. */
  best(context: PickContext): Seat | undefined {
    this.#recheck(context.nowMs, rechecksPerPick);
    let seat = this.#leastLive(context);
    if (seat === undefined && this.#recheck(context.nowMs, Infinity)) seat = this.#leastLive(context);
    this.#restore();
    if (seat !== undefined) this.#takeTurn(seat);
    return seat;
  }

  /** One of those that can serve and were not tried, all equally likely; `except` one. */
  any(context: PickContext, random: Random, except?: Seat): Seat | undefined {
    this.#recheck(context.nowMs, rechecksPerPick);
    let seat = this.#drawLive(context, random, except);
    if (seat === undefined && this.#recheck(context.nowMs, Infinity)) seat = this.#drawLive(context, random, except);
    this.#restore();
    return seat;
  }

  /** The highest `score` among those that can serve and were not tried. Looks at all live ones. */
  highest(context: PickContext, score: (seat: Seat) => number): Seat | undefined {
    this.#recheck(context.nowMs, Infinity);
    const unable: Seat[] = [];
    let best: Seat | undefined;
    let bestScore = -Infinity;
    for (let position = 0; position < this.#live.size; position++) {
      const seat = this.#live.at(position);
      if (seat === undefined || context.tried.includes(seat.account)) continue;
      const seatScore = score(seat);
      if (seatScore <= bestScore) continue;
      if (!seat.account.canServe(context.nowMs, context.model)) {
        unable.push(seat);
        continue;
      }
      best = seat;
      bestScore = seatScore;
    }
    for (const seat of unable) this.park(seat, context.nowMs);
    return best;
  }

  /** Its cost fell, or it may serve again. */
  touch(account: Account): Seat | undefined {
    const seat = this.#byAccount.get(account);
    if (seat === undefined) return undefined;
    if (seat.place !== undefined) this.#unpark(seat);
    else this.#refresh(seat);
    return seat;
  }

  /** Out of the choice until touched or looked at again. */
  park(seat: Seat, nowMs: number): void {
    if (seat.place !== undefined) return;
    this.#live.remove(seat);
    seat.parkedAtMs = nowMs;
    seat.place = this.#parked.push(seat);
  }

  #leastLive(context: PickContext): Seat | undefined {
    for (;;) {
      const seat = this.#live.peek();
      if (seat === undefined) return undefined;
      if (this.#hasRisen(seat)) this.#live.fix(seat);
      else if (this.#isEligible(seat, context)) return seat;
    }
  }

  #drawLive(context: PickContext, random: Random, except: Seat | undefined): Seat | undefined {
    for (;;) {
      const seat = this.#live.at(random.below(this.#live.size));
      if (seat === undefined) return undefined;
      if (seat === except) this.#setAside(seat);
      else if (this.#isEligible(seat, context)) return seat;
    }
  }

  /** A seat that is not eligible leaves the live ones: aside when tried, parked when unable. */
  #isEligible(seat: Seat, context: PickContext): boolean {
    if (context.tried.length > 0 && context.tried.includes(seat.account)) this.#setAside(seat);
    else if (seat.account.canServe(context.nowMs, context.model)) return true;
    else this.park(seat, context.nowMs);
    return false;
  }

  #hasRisen(seat: Seat): boolean {
    const cost = this.#cost(seat);
    const hasRisen = cost > seat.cost;
    seat.cost = cost;
    return hasRisen;
  }

  #setAside(seat: Seat): void {
    this.#live.remove(seat);
    this.#aside.push(seat);
  }

  #restore(): void {
    for (let seat = this.#aside.pop(); seat !== undefined; seat = this.#aside.pop()) this.#live.push(seat);
  }

  #takeTurn(seat: Seat): void {
    seat.turn = this.#turn++;
    this.#live.fix(seat);
  }

  #refresh(seat: Seat): void {
    seat.cost = this.#cost(seat);
    this.#live.fix(seat);
  }

  #unpark(seat: Seat): void {
    seat.place?.remove();
    seat.place = undefined;
    seat.cost = this.#cost(seat);
    this.#live.push(seat);
  }

  /** Gives up to `limit` parked seats another look once they were parked long enough; true when there was one. */
  #recheck(nowMs: number, limit: number): boolean {
    let looked = 0;
    for (let seat = this.#parked.peek(); seat !== undefined && looked < limit; seat = this.#parked.peek()) {
      // The absolute value: a wall clock that went back must not keep them parked.
      if (Math.abs(nowMs - seat.parkedAtMs) < recheckMs) break;
      this.#unpark(seat);
      looked++;
    }
    return looked > 0;
  }
}

function newSeat(account: Account, index: number): Seat {
  return { account, index, cost: 0, turn: index, heapIndex: -1, parkedAtMs: 0, place: undefined };
}
