import type { Clock } from '../../kit/clock.ts';
import type { CacheReading } from '../metrics/contract.ts';
import type {
  Answer,
  AnswerCache,
  AnswerSource,
  CacheLabel,
  CacheQuestion,
  ClearScope,
  KeptAnswer,
  Participant,
  Participation,
} from './contract.ts';
import { Entry } from './entry.ts';
import { EntryStore, type EntryStoreOptions } from './entry-store.ts';
import type { Flight } from './flight.ts';
import { Flights } from './flights.ts';
import { KeyMemo } from './key-memo.ts';
import { covers } from './scope.ts';

/** Other members, as far as the cache has to do with them. A node alone has none. */
export interface CacheNeighbours {
  /** False while clears may have passed this node by: what it keeps is not served. */
  isCurrent(): boolean;
  /** Asks around before the upstream is asked; answers false when there is nobody to ask. */
  ask(flight: Flight): boolean;
  /** An answer was kept here: the others may want it. */
  tell(flight: Flight, entry: Entry): void;
  /** A flight is over: without an answer others may try. */
  ended(flight: Flight, isAnswered: boolean): void;
  /** Changes with every clear, equal on members that know of the same ones. */
  readonly epoch: string;
}

export interface ResponseCacheOptions extends EntryStoreOptions {
  isEnabled: boolean;
}

/** The cache of one node: entries, requests under way, and counts. */
export class ResponseCache implements AnswerCache {
  isEnabled: boolean;
  neighbours: CacheNeighbours | undefined;
  readonly clock: Clock;
  readonly #store: EntryStore;
  readonly #flights: Flights;
  readonly #keys = new KeyMemo();
  #hits = 0;
  #misses = 0;
  #coalesced = 0;
  #peerHits = 0;
  #clears = 0;

  constructor(options: ResponseCacheOptions, clock: Clock) {
    this.isEnabled = options.isEnabled;
    this.clock = clock;
    this.#store = new EntryStore(options, clock);
    this.#flights = new Flights(clock, {
      led: (participant) => this.#led(participant),
      served: (source, participant) => this.#served(source, participant),
      landed: (flight, answer) => this.#landed(flight, answer),
      ended: (flight, isAnswered) => this.neighbours?.ended(flight, isAnswered),
      mayLead: (flight) => this.neighbours?.ask(flight) !== true,
    });
  }

  keyOf(question: CacheQuestion): string | undefined {
    return this.#keys.of(question);
  }

  find(key: string, ageMsMax: number): KeptAnswer | undefined {
    const entry = this.peek(key);
    if (entry === undefined || (ageMsMax !== Infinity && entry.ageMs() > ageMsMax)) return undefined;
    this.#hits++;
    this.#keys.wasHit(key);
    return entry;
  }

  /** An entry that may be served, without counting it. */
  peek(key: string): Entry | undefined {
    if (this.neighbours?.isCurrent() === false) return undefined;
    return this.#store.get(key);
  }

  join(label: CacheLabel, participant: Participant, waitMsMax: number): Participation {
    return this.#flights.join(label, participant, waitMsMax);
  }

  /** The same for a request of another member. */
  joinForPeer(label: CacheLabel, participant: Participant, waitMsMax: number): Participation {
    return this.#flights.join(label, participant, waitMsMax);
  }

  refresh(label: CacheLabel, participant: Participant): Participation {
    return this.#flights.alone(label, participant);
  }

  /** Keeps an answer that came from elsewhere; `ageMs` is how long ago the upstream gave it. */
  take(label: CacheLabel, answer: Answer, ageMs: number): Entry {
    const entry = new Entry(label, answer, this.clock.monotonicMs() - ageMs, ageMs, this.clock);
    if (this.isEnabled) this.#store.put(entry);
    return entry;
  }

  /** Drops what a clear covers, and keeps nothing that was begun before it. Answers how many entries went. */
  clear(scope: ClearScope): number {
    this.#clears++;
    this.#keys.clear();
    this.#flights.markStale((label) => covers(scope, label));
    return this.#store.drop((entry) => covers(scope, entry));
  }

  reconfigure(options: EntryStoreOptions): void {
    this.#store.reconfigure(options);
  }

  get ttlMs(): number {
    return this.#store.options.ttlMs;
  }

  reading(): CacheReading {
    const asked = this.#hits + this.#misses;
    return {
      isEnabled: this.isEnabled,
      entries: this.#store.size,
      sizeBytes: this.#store.bytes,
      sizeBytesMax: this.#store.options.bytesMax,
      hits: this.#hits,
      misses: this.#misses,
      hitRate: asked === 0 ? 0 : this.#hits / asked,
      evictions: this.#store.evictions,
      expired: this.#store.expired,
      coalesced: this.#coalesced,
      peerHits: this.#peerHits,
      ttlMs: this.ttlMs,
      epoch: this.neighbours?.epoch ?? String(this.#clears),
    };
  }

  stop(): void {
    this.#store.stop();
  }

  #led({ isRemote }: Participant): void {
    if (isRemote !== true) this.#misses++;
  }

  #served(source: AnswerSource, { isRemote }: Participant): void {
    if (isRemote === true) return;
    this.#hits++;
    if (source === 'peer') this.#peerHits++;
    else this.#coalesced++;
  }

  #landed(flight: Flight, answer: Answer): KeptAnswer {
    const entry = new Entry(flight.label, answer, flight.begunMs, 0, this.clock);
    if (!flight.isStale && this.isEnabled && this.#store.put(entry)) this.neighbours?.tell(flight, entry);
    return entry;
  }
}
