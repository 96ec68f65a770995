import type { Clock } from '../../kit/clock.ts';
import { LruMap } from '../../kit/lru-map.ts';
import type { PeerId } from '../transport/contract.ts';

/** A peer of another version may err now and then; one that sends this many within the window does nothing else. */
const strikesMax = 20;
const windowMs = 10_000;
/** Peers remembered, also while they are not connected: more than a mesh has members. */
const peersMax = 256;
/** The same peer is complained of in the log no more often than this. */
const logPeriodMs = 600_000;

interface Record {
  windowStartMs: number;
  count: number;
  loggedMs: number | undefined;
}

/** `close`: it must go. `close_and_log`: and this has not been said lately. */
export type Verdict = 'bear' | 'close' | 'close_and_log';

/** Counts unreadable messages per peer. Outlives its connections, so that coming back does not wipe the slate. */
export class Strikes {
  readonly #clock: Clock;
  readonly #records = new LruMap<PeerId, Record>(peersMax);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(peer: PeerId): Verdict {
    const nowMs = this.#clock.monotonicMs();
    const record = this.#records.get(peer) ?? { windowStartMs: nowMs, count: 0, loggedMs: undefined };
    this.#records.set(peer, record);
    if (nowMs - record.windowStartMs > windowMs) Object.assign(record, { windowStartMs: nowMs, count: 0 });
    record.count++;
    if (record.count < strikesMax) return 'bear';
    record.count = 0;
    if (record.loggedMs !== undefined && nowMs - record.loggedMs < logPeriodMs) return 'close';
    record.loggedMs = nowMs;
    return 'close_and_log';
  }
}
