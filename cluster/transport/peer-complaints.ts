import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import { LruMap } from '../../kit/lru-map.ts';
import type { PeerId } from './contract.ts';

/** One peer is complained of this often at most, and each kind of strangers all together. */
const complaintEveryMs = 60_000;
/** Peers remembered for that; more peers than this offend in a minute only when somebody makes up peer ids. */
const peersMax = 256;

/** Says in the log who was dropped and why, without letting an offender fill it. */
export class PeerComplaints {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #saidMs = new LruMap<string, number>(peersMax);
  readonly #secretAdvice: string | undefined;
  /** Refused since the last line about their kind. */
  readonly #refused = { strangers: 0, garbage: 0 };

  /** `secretAdvice`: what to do where secrets differ. */
  constructor(clock: Clock, log: Log, secretAdvice?: string) {
    this.#clock = clock;
    this.#log = log;
    this.#secretAdvice = secretAdvice;
  }

  /** A peer that has the secret went past a limit. */
  offence(peer: PeerId, reason: string): void {
    if (this.#mayBeSaid(peer)) this.#log.warn(`a peer was disconnected: ${reason}`, { peer });
  }

  /** Somebody dialled who does not have the secret; `from` is the address, where known. */
  stranger(from: string | undefined): void {
    const advice = this.#secretAdvice === undefined ? '' : `: ${this.#secretAdvice}`;
    this.#refusal('strangers', `a peer with another cluster secret was refused${advice}`, from);
  }

  /** What came was no handshake of the mesh at all. */
  garbage(from: string): void {
    this.#refusal('garbage', 'a connection to the mesh port that does not speak its protocol was closed', from);
  }

  #refusal(kind: 'strangers' | 'garbage', message: string, from: string | undefined): void {
    this.#refused[kind]++;
    if (!this.#mayBeSaid(kind)) return;
    this.#log.warn(message, { from, times: this.#refused[kind] });
    this.#refused[kind] = 0;
  }

  #mayBeSaid(about: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const lastMs = this.#saidMs.peek(about);
    if (lastMs !== undefined && nowMs - lastMs < complaintEveryMs) return false;
    this.#saidMs.set(about, nowMs);
    return true;
  }
}
