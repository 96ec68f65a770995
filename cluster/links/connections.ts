import type { Clock, Timer } from '../../kit/clock.ts';
import type { PeerId } from '../transport/contract.ts';

/** A peer that has not introduced itself by then has nothing to say here. */
const introductionBoundMs = 10_000;
/**
 * Connections that are watched at full rate. With more, each is given proportionately longer, so that a node's questions
 * after signs of life do not grow with the mesh, whose members probe each other as well.
 */
const watchedMax = 64;

export interface Connection {
  readonly peer: PeerId;
  readonly openedMs: number;
  lastFrameMs: number;
  /** Its hello was heard and was in order. */
  hasIntroduced: boolean;
  /** It welcomed this node. */
  hasWelcomed: boolean;
  /** When its hello was last answered. */
  answeredMs: number;
  timer: Timer | undefined;
}

export interface ConnectionsOptions {
  readonly clock: Clock;
  readonly silenceMs: number;
  /** Asks for a sign of life. */
  readonly nudge: (peer: PeerId) => void;
  readonly close: (peer: PeerId, reason: string) => void;
}

/** Open connections, and the watch over their silence. No timer runs while there are none. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #open = new Map<PeerId, Connection>();
  readonly #periodMs: number;
  #watch: Timer | undefined;
  #watchedMs = 0;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.#periodMs = options.silenceMs / 4;
  }

  get(peer: PeerId): Connection | undefined {
    return this.#open.get(peer);
  }

  add(peer: PeerId): Connection {
    this.remove(peer);
    const nowMs = this.#options.clock.monotonicMs();
    const connection: Connection = {
      peer,
      openedMs: nowMs,
      lastFrameMs: nowMs,
      hasIntroduced: false,
      hasWelcomed: false,
      answeredMs: -Infinity,
      timer: undefined,
    };
    this.#open.set(peer, connection);
    if (this.#watch === undefined) this.#begin(nowMs);
    return connection;
  }

  remove(peer: PeerId): Connection | undefined {
    const connection = this.#open.get(peer);
    connection?.timer?.cancel();
    this.#open.delete(peer);
    if (this.#open.size === 0) this.#end();
    return connection;
  }

  clear(): void {
    for (const peer of this.#open.keys()) this.remove(peer);
  }

  #begin(nowMs: number): void {
    this.#watchedMs = nowMs;
    this.#watch = this.#options.clock.every(this.#periodMs, () => this.#look());
  }

  #end(): void {
    this.#watch?.cancel();
    this.#watch = undefined;
  }

  #look(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const hasStoodStill = nowMs - this.#watchedMs > 2 * this.#periodMs;
    this.#watchedMs = nowMs;
    for (const connection of this.#open.values()) {
      // What came while this node stood still is not read yet: the silence is its own.
      if (hasStoodStill) connection.lastFrameMs = nowMs;
      else this.#check(connection, nowMs);
    }
  }

  #check({ peer, lastFrameMs, openedMs, hasIntroduced }: Connection, nowMs: number): void {
    const { silenceMs, nudge, close } = this.#options;
    const stretch = Math.max(1, this.#open.size / watchedMax);
    if (nowMs - lastFrameMs >= silenceMs * stretch)
      close(peer, `Nothing came from it for ${Math.round(nowMs - lastFrameMs)} ms.`);
    else if (!hasIntroduced && nowMs - openedMs >= introductionBoundMs) close(peer, 'It did not introduce itself.');
    else if (nowMs - lastFrameMs >= this.#periodMs * stretch) nudge(peer);
  }
}
