import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import { LruMap } from '../../kit/lru-map.ts';
import type { PeerId } from './contract.ts';

/** One peer is complained of this often at most, and strangers all together. */
const complaintEveryMs = 60_000;
/** Peers remembered for that; more peers than this offend in a minute only when somebody makes up peer ids. */
const peersMax = 256;

/** Says in the log who was dropped and why, without letting an offender fill it. */
export class PeerComplaints {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #saidMs = new LruMap<string, number>(peersMax);
  #strangers = 0;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** A peer that has the secret went past a limit. */
  offence(peer: PeerId, reason: string): void {
    if (this.#mayBeSaid(peer)) this.#log.warn(`a peer was disconnected: ${reason}`, { peer });
  }

  /** Somebody dialled who does not have the secret; `from` is the address, where known. */
  stranger(from: string | undefined): void {
    this.#strangers++;
    if (!this.#mayBeSaid('strangers')) return;
    this.#log.warn('a peer with another cluster secret was refused', { from, times: this.#strangers });
    this.#strangers = 0;
  }

  #mayBeSaid(about: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const lastMs = this.#saidMs.peek(about);
    if (lastMs !== undefined && nowMs - lastMs < complaintEveryMs) return false;
    this.#saidMs.set(about, nowMs);
    return true;
  }
}
