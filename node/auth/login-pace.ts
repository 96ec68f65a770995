import ipaddr from 'ipaddr.js';
import type { Clock } from '../../kit/clock.ts';
import { LruMap } from '../../kit/lru-map.ts';

/** An office behind one address mistypes now and then; a guesser does so all the time. */
const freeFailures = 10;
const windowMs = 900_000;
const waitMaxMs = 60_000;
const addressesMax = 10_000;

interface Pace {
  failures: number;
  sinceMs: number;
  notBeforeMs: number;
}

/** Slows down whoever tries many names from one address: after ten wrong passwords one second, two, four, up to a minute. */
export class LoginPace {
  readonly #clock: Clock;
  readonly #paces = new LruMap<string, Pace>(addressesMax);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until this address may try again; 0 when it may. */
  waitMs(address: string): number {
    const pace = this.#paces.get(networkOf(address));
    return pace === undefined ? 0 : Math.max(0, pace.notBeforeMs - this.#clock.monotonicMs());
  }

  failed(address: string): void {
    const network = networkOf(address);
    const nowMs = this.#clock.monotonicMs();
    const known = this.#paces.get(network);
    const before = known === undefined || nowMs - known.sinceMs > windowMs ? { failures: 0, sinceMs: nowMs } : known;
    const failures = before.failures + 1;
    const waitMs = failures < freeFailures ? 0 : Math.min(1_000 * 2 ** (failures - freeFailures), waitMaxMs);
    this.#paces.set(network, { failures, sinceMs: before.sinceMs, notBeforeMs: nowMs + waitMs });
  }
}

/** Whoever has an IPv6 address has the 2^64 of its network. */
function networkOf(address: string): string {
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return address.slice(0, 64);
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(':') : parsed.toString();
}
