import type { Timer } from '../../../kit/clock.ts';
import type { Random } from '../../../kit/random.ts';
import { Fault } from '../../../kit/fault.ts';
import type { PeerId, Transport, TransportObserver, TransportTraffic } from '../../../cluster/transport/contract.ts';
import type { ManualClock } from '../../manual-clock.ts';
import type { FreezableClock } from './freezable-clock.ts';

/** Bytes between the nodes of a test: every frame takes 1 to 3 ms, unless its way is cut. */
export class Wire {
  readonly clock: ManualClock;
  readonly random: Random;
  /** `from>to` in peer ids: what is sent this way is lost, without either side being told. */
  readonly cuts = new Set<string>();
  /** Share of frames that are lost. */
  lossShare = 0;
  framesCount = 0;
  /** Of these, by whom they are for. */
  readonly framesTo = new Map<PeerId, number>();
  readonly #ends = new Map<PeerId, WireTransport>();

  constructor(clock: ManualClock, random: Random) {
    this.clock = clock;
    this.random = random;
  }

  attach(end: WireTransport): void {
    this.#ends.set(end.self, end);
  }

  detach(end: WireTransport): void {
    if (this.#ends.get(end.self) === end) this.#ends.delete(end.self);
  }

  end(peer: PeerId): WireTransport | undefined {
    return this.#ends.get(peer);
  }

  isCut(from: PeerId, to: PeerId): boolean {
    return this.cuts.has(`${from}>${to}`);
  }

  /** Cuts every way between the members of two groups, both ways. */
  split(one: readonly PeerId[], other: readonly PeerId[]): void {
    for (const a of one) {
      for (const b of other) {
        this.cuts.add(`${a}>${b}`);
        this.cuts.add(`${b}>${a}`);
      }
    }
  }

  /** Arrives later, in the order of sending between any two. */
  carry(from: PeerId, to: PeerId, action: (end: WireTransport) => void): void {
    if (this.isCut(from, to)) return;
    this.framesCount++;
    this.framesTo.set(to, (this.framesTo.get(to) ?? 0) + 1);
    this.clock.after(2, () => {
      const end = this.#ends.get(to);
      if (end !== undefined && !this.isCut(from, to)) end.clock.run(() => action(end));
    });
  }
}

/** A peer's end of the wire. Addresses are `/wire/NAME`, where NAME is a peer id, or `/wire/NAME/p2p/PEER`. */
export class WireTransport implements Transport {
  readonly self: PeerId;
  readonly clock: FreezableClock;
  readonly traffic: TransportTraffic = {
    framesSent: 0,
    framesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    framesDropped: 0,
  };
  /** Why each connection was closed from this side. */
  readonly closings: string[] = [];
  dialsCount = 0;
  readonly #wire: Wire;
  readonly #open = new Set<PeerId>();
  readonly #dialling = new Set<Timer>();
  #observer: TransportObserver | undefined;

  constructor(wire: Wire, self: PeerId, clock: FreezableClock) {
    this.#wire = wire;
    this.self = self;
    this.clock = clock;
  }

  begin(observer: TransportObserver): void {
    this.#observer = observer;
    this.#wire.attach(this);
  }

  start(observer: TransportObserver): Promise<void> {
    this.begin(observer);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.crash();
    return Promise.resolve();
  }

  /** The process is gone: the other sides see their connections break. */
  crash(): void {
    this.#wire.detach(this);
    this.#observer = undefined;
    for (const peer of this.#open) this.#wire.carry(this.self, peer, (end) => end.dropped(this.self, 'reset'));
    this.#open.clear();
    for (const timer of this.#dialling) timer.cancel();
    this.#dialling.clear();
  }

  addresses(): readonly string[] {
    return [`/wire/${this.self}/p2p/${this.self}`];
  }

  dial(address: string, done: (result: PeerId | Fault) => void): void {
    this.dialsCount++;
    const [, , name = '', , named] = address.split('/');
    const finish = (result: PeerId | Fault) => this.#later(0, () => done(result));
    if (name === this.self) {
      finish(fault('dialled_self', 'The address leads back to this node.'));
      return;
    }
    this.#later(4, () => {
      const end = this.#wire.end(name);
      const isCut = this.#wire.isCut(this.self, name) || this.#wire.isCut(name, this.self);
      if (end === undefined && !isCut) finish(fault('nothing_listens', `Nobody answers at ${name}.`));
      else if (end === undefined || end.clock.isFrozen || isCut) {
        this.#later(200, () => finish(fault('peer_unreachable', `Nobody answers at ${name}.`)));
      } else if (named !== undefined && named !== name) finish(fault('peer_unexpected', 'Another peer answers.'));
      else {
        end.join(this.self);
        this.join(name);
        finish(name);
      }
    });
  }

  /** A step of a dial, which ends with the process. */
  #later(delayMs: number, step: () => void): void {
    const timer = this.clock.after(delayMs, () => {
      this.#dialling.delete(timer);
      step();
    });
    this.#dialling.add(timer);
  }

  /** A connection to the peer is there. */
  join(peer: PeerId): void {
    if (this.#open.has(peer)) return;
    this.#open.add(peer);
    this.clock.after(0, () => {
      if (this.#open.has(peer)) this.#observer?.opened(peer);
    });
  }

  close(peer: PeerId, reason: string): void {
    if (!this.#open.has(peer)) return;
    this.closings.push(reason);
    this.#wire.carry(this.self, peer, (end) => end.dropped(this.self, 'closed by the other side'));
    this.clock.after(0, () => this.dropped(peer, reason));
  }

  dropped(peer: PeerId, reason: string): void {
    if (this.#open.delete(peer)) this.#observer?.closed(peer, reason);
  }

  isOpen(peer: PeerId): boolean {
    return this.#open.has(peer);
  }

  send(peer: PeerId, bytes: Uint8Array): boolean {
    if (!this.#open.has(peer)) return false;
    if (this.#wire.random.next() < this.#wire.lossShare) return true;
    this.#wire.carry(this.self, peer, (end) => end.receive(this.self, bytes));
    return true;
  }

  ask(peer: PeerId, bytes: Uint8Array, timeoutMs: number, done: (answer: Uint8Array | undefined) => void): void {
    let isOpen = this.#open.has(peer);
    const settle = (answer: Uint8Array | undefined) => {
      if (!isOpen) return;
      isOpen = false;
      timer.cancel();
      done(answer);
    };
    const timer = this.clock.after(isOpen ? timeoutMs : 0, () => settle(undefined));
    if (!isOpen) {
      isOpen = true;
      return;
    }
    this.#wire.carry(this.self, peer, (end) => {
      end.asked(this.self, bytes, (answer) => {
        this.#wire.carry(peer, this.self, () => settle(answer));
      });
    });
  }

  receive(from: PeerId, bytes: Uint8Array): void {
    if (this.#open.has(from)) this.#observer?.frame(from, bytes);
  }

  asked(from: PeerId, bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void {
    if (this.#open.has(from)) this.#observer?.question(from, bytes, answer);
  }
}

function fault(code: string, message: string): Fault {
  return new Fault(code, { source: 'peer', retry: 'after', status: 502, summary: message }, message);
}
