import type { Clock } from '../../kit/clock.ts';
import type { Fault } from '../../kit/fault.ts';
import type { PeerId, Transport, TransportLimits, TransportObserver, TransportTraffic } from './contract.ts';
import { transportFaults } from './faults.ts';
import { transportLimits } from './limits.ts';
import type { Endpoint, MemoryEnd, Parcel } from './memory-end.ts';
import type { MemoryNetwork } from './memory-network.ts';

export { MemoryNetwork, type MemoryNetworkOptions } from './memory-network.ts';
export { calmWeather, type NetworkWeather } from './memory-weather.ts';

export interface MemoryTransportOptions {
  readonly network: MemoryNetwork;
  /** Of the node: its timers stand still with it. */
  readonly clock: Clock;
  readonly self: PeerId;
  /** Multiaddr without a peer id; one process listens at a place at a time. */
  readonly place: string;
  /** Peers under another secret cannot connect. */
  readonly secret?: string;
  readonly limits?: Partial<TransportLimits>;
}

const dialTimeoutMs = 5000;
/** Frames a second are averaged over this. */
const rateWindowMs = 10_000;
/** Simultaneous dials and half-open remains make a second and a third connection; the oldest goes. */
const connectionsOfPeerMax = 4;

interface Asking {
  readonly end: MemoryEnd;
  readonly done: (answer: Uint8Array | undefined) => void;
}

/** A transport whose network is in this process, for the simulator and for tests. */
export class MemoryTransport implements Transport, Endpoint {
  readonly self: PeerId;
  readonly place: string;
  readonly traffic: TransportTraffic = {
    framesSent: 0,
    framesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    framesDropped: 0,
  };
  readonly #network: MemoryNetwork;
  readonly #clock: Clock;
  readonly #secret: string;
  readonly #limits: TransportLimits;
  #observer: TransportObserver | undefined;
  /** Open ends of each peer, the newest last. */
  readonly #ends = new Map<PeerId, MemoryEnd[]>();
  readonly #asking = new Set<Asking>();
  readonly #dialling = new Set<(result: PeerId | Fault) => void>();
  /** Ends of connections that the observer is still to be told of. */
  readonly #untold = new Set<() => void>();

  constructor({ network, clock, self, place, secret = '', limits = {} }: MemoryTransportOptions) {
    this.self = self;
    this.place = place;
    this.#network = network;
    this.#clock = clock;
    this.#secret = secret;
    this.#limits = { ...transportLimits, ...limits };
  }

  get isRunning(): boolean {
    return this.#observer !== undefined;
  }

  start(observer: TransportObserver): Promise<void> {
    if (!this.#network.listen(this)) {
      return Promise.reject(transportFaults.mesh_port_taken(`${this.place} is taken.`));
    }
    this.#observer = observer;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    const observer = this.#observer;
    const peers = [...this.#ends.keys()];
    const asking = [...this.#asking];
    const dialling = [...this.#dialling];
    this.kill(true);
    const fault = transportFaults.peer_unreachable('The transport stops.');
    this.#soon(() => {
      for (const { done } of asking) done(undefined);
      for (const settle of dialling) settle(fault);
      for (const peer of peers) observer?.closed(peer, 'The transport stops.');
    });
    return Promise.resolve();
  }

  /** The process ends as it stands. Its kernel tells the others, unless the whole host is gone. */
  kill(isTold: boolean): void {
    this.#observer = undefined;
    this.#network.unlisten(this, isTold);
    for (const end of [...this.#ends.values()].flat()) this.#network.close(end, 'The process ended.', isTold);
    this.#ends.clear();
  }

  addresses(): readonly string[] {
    return this.isRunning ? [`${this.place}/p2p/${this.self}`] : [];
  }

  dial(address: string, done: (result: PeerId | Fault) => void): void {
    const [place = '', wanted] = address.split('/p2p/');
    const there = this.#network.at(place);
    if (wanted === this.self || there === this) {
      this.#soon(() => done(transportFaults.dialled_self(`${address} is this node.`)));
    } else if (there !== undefined && this.isOpen(there.self) && (wanted ?? there.self) === there.self) {
      this.#soon(() => done(there.self));
    } else if (this.isRunning && place.startsWith('/')) this.#knock(place, wanted, done);
    else this.#soon(() => done(unreachable(place)));
  }

  /** Is connected to another at once, and neither is told: for a mesh that begins as if it had been there for long. */
  join(other: MemoryTransport): void {
    const [near, far] = this.#network.connect(this, other);
    this.#ends.set(other.self, [near]);
    other.#ends.set(this.self, [far]);
  }

  close(peer: PeerId, reason: string): void {
    const ends = this.#ends.get(peer);
    if (ends === undefined) return;
    this.#ends.delete(peer);
    for (const end of ends) this.#network.close(end, 'Closed by the other side.');
    const tell = () => {
      if (!this.#untold.delete(tell)) return;
      this.#failAsks(ends);
      this.#observer?.closed(peer, reason);
    };
    this.#untold.add(tell);
    this.#soon(tell);
  }

  isOpen(peer: PeerId): boolean {
    return this.#ends.has(peer);
  }

  send(peer: PeerId, bytes: Uint8Array): boolean {
    const end = this.#ends.get(peer)?.at(-1);
    const sizeBytes = bytes.byteLength;
    if (end === undefined || !this.#fits(end, sizeBytes)) {
      this.traffic.framesDropped++;
      return false;
    }
    this.traffic.framesSent++;
    this.traffic.bytesSent += sizeBytes;
    end.waitingBytes += sizeBytes;
    if (!this.#network.carryFrame(end, new FrameParcel(end, bytes.slice()))) end.waitingBytes -= sizeBytes;
    return true;
  }

  ask(peer: PeerId, bytes: Uint8Array, timeoutMs: number, done: (answer: Uint8Array | undefined) => void): void {
    const end = this.#ends.get(peer)?.at(-1);
    if (end === undefined || bytes.byteLength > this.#limits.askBytesMax) {
      this.#soon(() => done(undefined));
      return;
    }
    const asking: Asking = {
      end,
      done: (answer) => {
        if (!this.#asking.delete(asking)) return;
        timer.cancel();
        done(answer);
      },
    };
    const timer = this.#clock.after(timeoutMs, () => asking.done(undefined));
    this.#asking.add(asking);
    this.#network.carry(end, {
      sizeBytes: bytes.byteLength,
      isOrdered: false,
      deliver: (at) => (at.owner as MemoryTransport).question(at, bytes, (answer) => asking.done(answer)),
    });
  }

  /** A frame arrived; called by the network as a turn of this process. */
  frame(at: MemoryEnd, bytes: Uint8Array): void {
    // An overtaking frame may come before its own connection.
    if (!this.isOpen(at.peer)) return;
    const excess = this.#excess(at, bytes.byteLength);
    if (excess !== undefined) {
      this.close(at.peer, excess);
      return;
    }
    this.traffic.framesReceived++;
    this.traffic.bytesReceived += bytes.byteLength;
    this.#observer?.frame(at.peer, bytes);
  }

  /** A question arrived; `reply` runs as a turn of the one that asked. */
  question(at: MemoryEnd, bytes: Uint8Array, reply: (answer: Uint8Array | undefined) => void): void {
    if (at.questions >= this.#limits.questionsMax) return;
    at.questions++;
    let isAnswered = false;
    this.#observer?.question(at.peer, bytes, (answer) => {
      if (isAnswered) return;
      isAnswered = true;
      at.questions--;
      if (!at.isOpen) return;
      const fitting = answer.byteLength > this.#limits.askBytesMax ? undefined : answer;
      this.#network.carry(at, { sizeBytes: fitting?.byteLength ?? 0, isOrdered: false, deliver: () => reply(fitting) });
    });
  }

  broken(end: MemoryEnd, reason: string): void {
    const ends = this.#ends.get(end.peer)?.filter((each) => each !== end);
    if (ends === undefined) return;
    this.#failAsks([end]);
    if (ends.length > 0) {
      this.#ends.set(end.peer, ends);
      return;
    }
    this.#ends.delete(end.peer);
    this.#observer?.closed(end.peer, reason);
  }

  /** The other side of a dial, at the one that is dialled: answers with a Fault, or takes the connection. */
  #accept(end: MemoryEnd, dialler: MemoryTransport, wanted: PeerId | undefined): Fault | undefined {
    if (dialler.#secret !== this.#secret) {
      return transportFaults.cluster_secret_mismatch(`${this.place} has another cluster secret.`);
    }
    if (wanted !== undefined && wanted !== this.self) {
      return transportFaults.peer_unexpected(`${this.place} is ${this.self}, not ${wanted}.`);
    }
    this.#opened(end);
    return undefined;
  }

  #knock(place: string, wanted: PeerId | undefined, done: (result: PeerId | Fault) => void): void {
    const settle = (result: PeerId | Fault) => {
      if (!this.#dialling.delete(settle)) return;
      timer.cancel();
      done(result);
    };
    this.#dialling.add(settle);
    const timer = this.#clock.after(dialTimeoutMs, () => settle(unreachable(place)));
    if (this.#network.isCut(this.place, place)) return;
    this.#network.clock.after(this.#network.latencyMs(), () => this.#arriveAt(place, wanted, settle));
  }

  #arriveAt(place: string, wanted: PeerId | undefined, settle: (result: PeerId | Fault) => void): void {
    const there = this.#network.at(place);
    if (!(there instanceof MemoryTransport)) {
      if (there !== undefined || !this.#network.isDark(place)) {
        this.#hear(place, () => settle(there === undefined ? refused(place) : unreachable(place)));
      }
      return;
    }
    this.#network.turnOf(there, () => {
      const [near, far] = this.#network.connect(this, there);
      const fault = there.#accept(far, this, wanted);
      if (fault === undefined) this.#welcome(near, far, settle);
      else {
        this.#network.discard(near);
        this.#hear(place, () => settle(fault));
      }
    });
  }

  /** The dialled side has the connection; the dialler gets it with the first that comes back, or gives it up. */
  #welcome(near: MemoryEnd, far: MemoryEnd, settle: (result: PeerId | Fault) => void): void {
    const deliver = () => {
      if (!this.#dialling.has(settle)) {
        this.#network.close(near, 'The dial was given up.');
        return;
      }
      this.#opened(near);
      settle(far.owner.self);
    };
    this.#network.carry(far, { sizeBytes: 0, isOrdered: true, deliver });
  }

  /** Runs when word comes back from a place that did not take the connection. */
  #hear(place: string, turn: () => void): void {
    if (this.#network.isCut(place, this.place)) return;
    this.#network.clock.after(this.#network.latencyMs(), () => this.#network.turnOf(this, turn));
  }

  #opened(end: MemoryEnd): void {
    const ends = this.#ends.get(end.peer);
    if (ends === undefined) {
      this.#ends.set(end.peer, [end]);
      // What ended before is told before: a late `closed` would be taken for the end of this connection.
      for (const tell of this.#untold) tell();
      this.#observer?.opened(end.peer);
      return;
    }
    ends.push(end);
    const oldest = ends.length > connectionsOfPeerMax ? ends.shift() : undefined;
    if (oldest === undefined) return;
    this.#network.close(oldest, 'One of too many connections.');
    this.#failAsks([oldest]);
  }

  #failAsks(ends: readonly MemoryEnd[]): void {
    for (const asking of this.#asking) if (ends.includes(asking.end)) asking.done(undefined);
  }

  #fits(end: MemoryEnd, sizeBytes: number): boolean {
    const { frameBytesMax, peerBufferBytesMax } = this.#limits;
    return sizeBytes <= frameBytesMax && end.waitingBytes + sizeBytes <= peerBufferBytesMax;
  }

  /** What a frame is too much of; undefined when it may come. */
  #excess(end: MemoryEnd, sizeBytes: number): string | undefined {
    if (sizeBytes > this.#limits.frameBytesMax) return 'It sent a frame that is too long.';
    return this.#isWithinRate(end) ? undefined : 'It sent too many frames.';
  }

  #isWithinRate(end: MemoryEnd): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - end.windowStartMs > rateWindowMs) {
      end.windowStartMs = nowMs;
      end.framesInWindow = 0;
    }
    end.framesInWindow++;
    return end.framesInWindow <= (this.#limits.framesPerSecondMax * rateWindowMs) / 1000;
  }

  #soon(action: () => void): void {
    this.#clock.after(0, action);
  }
}

class FrameParcel implements Parcel {
  readonly isOrdered = true;
  readonly sizeBytes: number;
  readonly #from: MemoryEnd;
  readonly #bytes: Uint8Array;
  #isTaken = false;

  constructor(from: MemoryEnd, bytes: Uint8Array) {
    this.#from = from;
    this.#bytes = bytes;
    this.sizeBytes = bytes.byteLength;
  }

  deliver(at: MemoryEnd): void {
    if (!this.#isTaken) this.#from.waitingBytes -= this.sizeBytes;
    this.#isTaken = true;
    (at.owner as MemoryTransport).frame(at, this.#bytes);
  }
}

function refused(place: string): Fault {
  return transportFaults.nothing_listens(`Nothing listens at ${place}.`);
}

function unreachable(place: string): Fault {
  return transportFaults.peer_unreachable(`Nobody answers at ${place}.`);
}
