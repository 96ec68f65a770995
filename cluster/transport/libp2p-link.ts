import type { Connection } from '@libp2p/interface';
import type { Clock, Timer } from '../../kit/clock.ts';
import type { PeerId, TransportLimits } from './contract.ts';
import { Libp2pChannel, type ChannelObserver } from './libp2p-channel.ts';
import { preferredChannel } from './preferred-channel.ts';

/** What is too much is closed this long after a second connection is ready, and then as often until it is idle. */
const settleAfterMs = 1000;
const settleRoundsMax = 10;
/** Connections to one peer at a time; two that dial each other at once make two. */
const channelsMax = 4;

export interface LinkObserver {
  opened(link: Libp2pLink): void;
  frame(link: Libp2pLink, bytes: Uint8Array): void;
  question(link: Libp2pLink, bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void;
  /** Nothing is left of it. */
  ended(link: Libp2pLink, error: Error): void;
  /** The peer began anew: it knows nothing of what this link has told. `link` is the one that goes on. */
  replaced(before: Libp2pLink, link: Libp2pLink): void;
}

export interface LinkOptions {
  readonly self: PeerId;
  readonly peer: PeerId;
  readonly clock: Clock;
  readonly limits: TransportLimits;
  /** Names this run of the link towards the peer. */
  readonly token: Uint8Array;
  readonly observer: LinkObserver;
}

class Channel extends Libp2pChannel {
  isDialledByLowerId = false;
}

/**
 * All connections to one peer, seen as one: from the first that can be used to the last. Each side names its run by a
 * random token, said on every connection; another token than before means that the other side has ended the run (it
 * was restarted, or gave the connection up) and what this side takes for a connection is dead.
 */
export class Libp2pLink implements ChannelObserver {
  readonly #options: LinkOptions;
  readonly #channels = new Set<Channel>();
  /** The peer's token. */
  #token: string | undefined;
  #current: Channel | undefined;
  #settling: Timer | undefined;
  #settleRounds = 0;
  #hasOpened = false;
  #isEnded = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get peer(): PeerId {
    return this.#options.peer;
  }

  /** Frames may be sent. */
  get isOpen(): boolean {
    return this.#current !== undefined;
  }

  /** It has been open, be it still or not. */
  get hasOpened(): boolean {
    return this.#hasOpened;
  }

  /** Whether one of its connections was dialled at an address (without peer id). */
  isDialledAt(place: string): boolean {
    for (const { connection } of this.#channels) {
      if (connection.direction === 'outbound' && placeOf(connection) === place) return true;
    }
    return false;
  }

  add(connection: Connection): void {
    if (this.#channels.size >= channelsMax) {
      connection.abort(new Error('there are connections enough'));
      return;
    }
    const { clock, limits, token, self, peer } = this.#options;
    const channel = new Channel({ connection, clock, limits, token, observer: this });
    channel.isDialledByLowerId = connection.direction === 'outbound' ? self < peer : peer < self;
    this.#channels.add(channel);
    channel.open();
  }

  channelOf(connection: Connection): Libp2pChannel | undefined {
    for (const channel of this.#channels) if (channel.connection === connection) return channel;
    return undefined;
  }

  send(bytes: Uint8Array): boolean {
    return this.#current?.send(bytes) ?? false;
  }

  ask(bytes: Uint8Array, timeoutMs: number, done: (answer: Uint8Array | undefined) => void): void {
    if (this.#current === undefined) done(undefined);
    else this.#current.ask(bytes, timeoutMs, done);
  }

  /** Ends every connection; resolves once they are closed, what had been sent before being written. */
  end(error: Error): Promise<unknown> {
    if (this.#isEnded) return Promise.resolve();
    this.#isEnded = true;
    this.#settling?.cancel();
    this.#current = undefined;
    const channels = [...this.#channels];
    for (const channel of channels) channel.end(error);
    this.#channels.clear();
    this.#options.observer.ended(this, error);
    return Promise.all(channels.map(({ closing }) => closing));
  }

  introduced(token: string): void {
    this.#token ??= token;
    if (this.#token !== token) this.#handOver(token);
  }

  ready(): void {
    const wasOpen = this.isOpen;
    this.#current = preferredChannel(this.#ready());
    if (!wasOpen) {
      this.#hasOpened = true;
      this.#options.observer.opened(this);
    }
    if (this.#ready().length > 1) this.#settleLater();
  }

  frame(bytes: Uint8Array): void {
    this.#options.observer.frame(this, bytes);
  }

  question(bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void {
    this.#options.observer.question(this, bytes, answer);
  }

  ended(channel: Channel, error: Error): void {
    if (this.#isEnded) return;
    this.#channels.delete(channel);
    const wasOpen = this.isOpen;
    this.#current = preferredChannel(this.#ready());
    // A connection that is still being set up belongs to a run that is over once its last usable one is gone.
    if (this.#channels.size === 0 || (wasOpen && !this.isOpen)) void this.end(error);
  }

  #ready(): Channel[] {
    return [...this.#channels].filter(({ isReady }) => isReady);
  }

  /** What belongs to the peer's new run, or may, goes on in a link of its own; the rest ends. */
  #handOver(token: string): void {
    const { observer } = this.#options;
    const next = new Libp2pLink(this.#options);
    next.#token = token;
    for (const channel of this.#channels) {
      if (channel.token !== undefined && channel.token !== token) continue;
      this.#channels.delete(channel);
      next.#channels.add(channel);
      channel.observer = next;
    }
    observer.replaced(this, next);
    void this.end(new Error('the peer began anew'));
  }

  #settleLater(): void {
    // One side decides, or a difference of opinion would close both; the other needs no second connection either way.
    if (this.#settling !== undefined || this.#options.self > this.#options.peer) return;
    this.#settling = this.#options.clock.after(settleAfterMs, () => this.#settle());
  }

  #settle(): void {
    this.#settling = undefined;
    this.#settleRounds++;
    const isPatient = this.#settleRounds < settleRoundsMax;
    for (const channel of this.#ready()) {
      if (channel !== this.#current && !(isPatient && channel.isBusy))
        channel.end(new Error('one connection is enough'));
    }
    if (this.#ready().length > 1) this.#settleLater();
    else this.#settleRounds = 0;
  }
}

function placeOf(connection: Connection): string {
  return connection.remoteAddr.toString().replace(/\/p2p\/.*$/, '');
}
