import type { Clock } from '../../kit/clock.ts';
import type { Random } from '../../kit/random.ts';
import { MemoryEnd, type Endpoint, type Parcel } from './memory-end.ts';
import { calmWeather, type NetworkWeather } from './memory-weather.ts';

export interface MemoryNetworkOptions {
  /** True time, not that of any node. */
  readonly clock: Clock;
  readonly random: Random;
  readonly weather?: Partial<NetworkWeather>;
  /** Runs whatever reaches a process; a simulator watches and catches here. */
  readonly runTurn?: (place: string, turn: () => void) => void;
}

interface Waiting {
  readonly endpoint: Endpoint;
  readonly turn: () => void;
}

/**
 * The wires between memory transports. Places are hosts: a way is cut from one place to another, in one direction, and
 * what is sent meanwhile waits, as TCP would have it, until the way is mended or the connection is given up.
 */
export class MemoryNetwork {
  readonly clock: Clock;
  readonly random: Random;
  weather: NetworkWeather;
  /** Frames, questions and answers that were sent so far, and their bytes. */
  readonly carried = { messages: 0, bytes: 0 };
  readonly #runTurn: (place: string, turn: () => void) => void;
  readonly #listening = new Map<string, Endpoint>();
  /** Places whose host is gone; no more than there are places. */
  readonly #dark = new Set<string>();
  readonly #cuts = new Set<string>();
  /** What waits in the kernels of hosts whose process stands still. */
  readonly #inboxes = new Map<string, Waiting[]>();
  readonly #bytesPerSecond = new Map<string, number>();
  readonly #ends = new Set<MemoryEnd>();
  #lostFrames = 0;

  constructor({ clock, random, weather = {}, runTurn }: MemoryNetworkOptions) {
    this.clock = clock;
    this.random = random;
    this.weather = { ...calmWeather, ...weather };
    this.#runTurn = runTurn ?? ((_place, turn) => turn());
  }

  /** Frames that bad weather lost for good. */
  get lostFrames(): number {
    return this.#lostFrames;
  }

  /** Connections that at least one side believes open. */
  get connections(): number {
    return this.#ends.size / 2;
  }

  /** False: another process listens at its place. */
  listen(endpoint: Endpoint): boolean {
    if (this.#listening.has(endpoint.place)) return false;
    this.#listening.set(endpoint.place, endpoint);
    this.#dark.delete(endpoint.place);
    return true;
  }

  /** `isHostThere`: its kernel goes on to refuse those who dial; otherwise nothing answers them. */
  unlisten(endpoint: Endpoint, isHostThere = true): void {
    if (this.#listening.get(endpoint.place) !== endpoint) return;
    this.#listening.delete(endpoint.place);
    if (!isHostThere) this.#dark.add(endpoint.place);
  }

  /** The host is gone, and nobody listens there again yet. */
  isDark(place: string): boolean {
    return this.#dark.has(place);
  }

  at(place: string): Endpoint | undefined {
    return this.#listening.get(place);
  }

  get hasCuts(): boolean {
    return this.#cuts.size > 0;
  }

  /** Nothing passes from one place to the other until it is mended; the way back stays as it is. */
  cut(from: string, to: string): void {
    this.#cuts.add(wayName(from, to));
  }

  mend(from: string, to: string): void {
    if (!this.#cuts.delete(wayName(from, to))) return;
    for (const end of this.#ends) {
      if (end.owner.place === from && end.other.owner.place === to) this.#flush(end);
    }
  }

  mendAll(): void {
    this.#cuts.clear();
    for (const end of this.#ends) this.#flush(end);
  }

  isCut(from: string, to: string): boolean {
    return this.#cuts.size > 0 && this.#cuts.has(wayName(from, to));
  }

  /** The process at the place stands still; what comes for it waits. */
  hold(place: string): void {
    if (!this.#inboxes.has(place)) this.#inboxes.set(place, []);
  }

  release(place: string): void {
    const inbox = this.#inboxes.get(place);
    this.#inboxes.delete(place);
    for (const { endpoint, turn } of inbox ?? []) this.turnOf(endpoint, turn);
  }

  /** A slow peer: it takes so many bytes a second; undefined lifts it. */
  throttle(place: string, bytesPerSecond: number | undefined): void {
    if (bytesPerSecond === undefined) this.#bytesPerSecond.delete(place);
    else this.#bytesPerSecond.set(place, bytesPerSecond);
  }

  isThrottled(place: string): boolean {
    return this.#bytesPerSecond.has(place);
  }

  /** Breaks the connections between two places without a word to a side that is not told: it finds out by itself. */
  breakConnections(left: string, right: string, isLeftTold: boolean, isRightTold: boolean): void {
    for (const end of this.#ends) {
      if (end.owner.place !== left || end.other.owner.place !== right) continue;
      if (isLeftTold) this.#break(end, 'Connection reset.');
      if (isRightTold) this.#break(end.other, 'Connection reset.');
    }
  }

  /** Runs something as the process of an endpoint, once it moves; not at all when it has ended. */
  turnOf(endpoint: Endpoint, turn: () => void): void {
    const inbox = this.#inboxes.get(endpoint.place);
    if (inbox !== undefined) inbox.push({ endpoint, turn });
    else if (endpoint.isRunning) this.#runTurn(endpoint.place, turn);
  }

  connect(left: Endpoint, right: Endpoint): readonly [MemoryEnd, MemoryEnd] {
    const ends = MemoryEnd.pair(left, right);
    for (const end of ends) this.#ends.add(end);
    return ends;
  }

  /** One side gives the connection up; the other is told unless the way to it is silent. */
  close(end: MemoryEnd, reason: string, isTold = true): void {
    if (!end.isOpen) return;
    end.isOpen = false;
    if (isTold && end.other.isOpen)
      this.carry(end, { sizeBytes: 0, isOrdered: true, deliver: (at) => this.#break(at, reason) });
    this.#forget(end);
  }

  latencyMs(): number {
    const { latencyMinMs, latencyMeanMs, latencyMaxMs, stallRate, stallMaxMs } = this.weather;
    const latency = Math.min(latencyMinMs - Math.log(1 - this.random.next()) * latencyMeanMs, latencyMaxMs);
    return this.#happens(stallRate) ? latency + this.random.next() * stallMaxMs : latency;
  }

  /** Sends a parcel from one end to the other. */
  carry(end: MemoryEnd, parcel: Parcel): void {
    if (parcel.sizeBytes > 0) this.carried.messages++;
    this.carried.bytes += parcel.sizeBytes;
    if (this.isCut(end.owner.place, end.other.owner.place)) {
      end.heldBack.push(parcel);
      return;
    }
    const nowMs = this.clock.monotonicMs();
    this.clock.after(this.#arrivalMs(end, parcel, nowMs) - nowMs, () => this.#arrive(end, parcel));
  }

  /** As `carry`, for frames, with which bad weather may do what TCP would not. False: lost. */
  carryFrame(end: MemoryEnd, parcel: Parcel): boolean {
    if (this.#happens(this.weather.lossRate)) {
      this.#lostFrames++;
      return false;
    }
    const isLate = this.#happens(this.weather.reorderRate);
    this.carry(end, isLate ? unordered(parcel) : parcel);
    if (this.#happens(this.weather.duplicationRate)) this.carry(end, unordered(parcel));
    return true;
  }

  /** A connection that was refused before anyone had it. */
  discard(end: MemoryEnd): void {
    end.isOpen = false;
    end.other.isOpen = false;
    this.#forget(end);
  }

  #arrivalMs(end: MemoryEnd, parcel: Parcel, nowMs: number): number {
    let atMs = nowMs + this.latencyMs();
    const rate = this.#bytesPerSecond.size === 0 ? undefined : this.#bytesPerSecond.get(end.other.owner.place);
    if (rate !== undefined) atMs = Math.max(atMs, end.lastArrivalMs) + (parcel.sizeBytes / rate) * 1000;
    if (!parcel.isOrdered) return atMs;
    end.lastArrivalMs = Math.max(atMs, end.lastArrivalMs);
    return end.lastArrivalMs;
  }

  #arrive(end: MemoryEnd, parcel: Parcel): void {
    if (this.isCut(end.owner.place, end.other.owner.place)) {
      end.heldBack.push(parcel);
      return;
    }
    const { other } = end;
    if (!other.owner.isRunning || !other.isOpen) {
      this.#reset(end);
      return;
    }
    this.turnOf(other.owner, () => {
      if (other.isOpen) parcel.deliver(other);
      else this.#reset(end);
    });
  }

  /** What came for a connection that is not there is answered by the host, unless the host is down. */
  #reset(end: MemoryEnd): void {
    const from = end.other.owner.place;
    if (!end.isOpen || !this.#listening.has(from)) return;
    this.clock.after(this.latencyMs(), () => {
      if (!this.isCut(from, end.owner.place)) this.#break(end, 'Connection reset.');
    });
  }

  #break(end: MemoryEnd, reason: string): void {
    this.turnOf(end.owner, () => {
      if (!end.isOpen) return;
      end.isOpen = false;
      this.#forget(end);
      end.owner.broken(end, reason);
    });
  }

  #forget(end: MemoryEnd): void {
    if (end.other.isOpen) return;
    this.#ends.delete(end);
    this.#ends.delete(end.other);
  }

  #flush(end: MemoryEnd): void {
    const parcels = end.heldBack;
    end.heldBack = [];
    for (const parcel of parcels) this.carry(end, parcel);
  }

  #happens(rate: number): boolean {
    return rate > 0 && this.random.next() < rate;
  }
}

/** A frame that others of its connection may overtake. */
function unordered(parcel: Parcel): Parcel {
  return { sizeBytes: parcel.sizeBytes, isOrdered: false, deliver: (at) => parcel.deliver(at) };
}

function wayName(from: string, to: string): string {
  return `${from} > ${to}`;
}
