import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import type { Connection, Libp2p, PrivateKey } from '@libp2p/interface';
import type { Fault } from '../../kit/fault.ts';
import type { Environment } from '../environment.ts';
import type { PeerId, Transport, TransportLimits, TransportObserver, TransportTraffic } from './contract.ts';
import { Deliveries } from './deliveries.ts';
import { transportFaults } from './faults.ts';
import { parseDialAddress, type DialAddress } from './libp2p-address.ts';
import { asksProtocol, framesProtocol, tokenBytes, type Libp2pChannel } from './libp2p-channel.ts';
import { dialFault } from './libp2p-dial-fault.ts';
import { Libp2pLink, type LinkObserver } from './libp2p-link.ts';
import { listenFault } from './libp2p-listen-fault.ts';
import { createNode } from './libp2p-node.ts';
import { transportLimits } from './limits.ts';
import { Offence } from './offence.ts';
import { PeerComplaints } from './peer-complaints.ts';

export interface Libp2pTransportOptions extends Pick<Environment, 'clock' | 'random' | 'log'> {
  /** Ed25519 key: 32 bytes of seed, 32 of the public key. */
  readonly key: Uint8Array;
  /** Derived from the cluster secret; see `cluster/secret/`. */
  readonly prologue: Uint8Array;
  /** Said after a complaint that another node's secret differs. */
  readonly secretAdvice?: string | undefined;
  /** Multiaddrs, such as `/ip4/0.0.0.0/tcp/13000`; port 0 for any. */
  readonly listen: readonly string[];
  /** Multiaddrs to tell others in place of those listened on. */
  readonly announce?: readonly string[];
  readonly limits?: TransportLimits;
}

type DialDone = (result: PeerId | Fault) => void;

/** Streams of one protocol that a peer may open; two live side by side while one replaces the other. */
const inboundStreams = { maxInboundStreams: 4 };
/** Peers whose last connection is gone are forgotten by libp2p's peer store after this, in one go. */
const forgetAfterMs = 1000;

/** The mesh over TCP, noise and yamux. Loads libp2p when it is imported: import it where there is a mesh to join. */
export class Libp2pTransport implements Transport {
  readonly self: PeerId;
  readonly traffic: TransportTraffic = {
    framesSent: 0,
    framesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    framesDropped: 0,
  };
  readonly #options: Libp2pTransportOptions;
  readonly #limits: TransportLimits;
  readonly #privateKey: PrivateKey;
  readonly #deliveries: Deliveries;
  readonly #complaints: PeerComplaints;
  readonly #links = new Map<PeerId, Libp2pLink>();
  /** Dials whose connection is being set up, by peer. */
  readonly #expected = new Map<PeerId, DialDone[]>();
  readonly #stopping = new AbortController();
  #observer: TransportObserver | undefined;
  #node: Libp2p | undefined;
  #isForgetting = false;

  constructor(options: Libp2pTransportOptions) {
    this.#options = options;
    this.#limits = options.limits ?? transportLimits;
    this.#privateKey = privateKeyFromRaw(options.key);
    this.self = peerIdFromPrivateKey(this.#privateKey).toString();
    this.#deliveries = new Deliveries(options.log);
    this.#complaints = new PeerComplaints(options.clock, options.log, options.secretAdvice);
  }

  async start(observer: TransportObserver): Promise<void> {
    const { announce = [], ...options } = this.#options;
    this.#observer = observer;
    try {
      const onStranger = (from: string | undefined) => this.#complaints.stranger(from);
      const onGarbage = (from: string) => this.#complaints.garbage(from);
      this.#node = await createNode({ ...options, announce, privateKey: this.#privateKey, onStranger, onGarbage });
      this.#node.addEventListener('connection:open', ({ detail }) => this.#connected(detail));
      this.#node.addEventListener('connection:close', () => this.#forgetLater());
      await this.#node.handle(
        framesProtocol,
        (stream, connection) => this.#channelOf(connection)?.acceptFrames(stream),
        inboundStreams,
      );
      await this.#node.handle(
        asksProtocol,
        (stream, connection) => this.#channelOf(connection)?.acceptAsks(stream),
        inboundStreams,
      );
      await this.#node.start();
    } catch (error) {
      this.#node = undefined;
      throw listenFault(this.#options.listen, error);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    // First in good order: libp2p's own stop cuts off what had been sent and is not written yet.
    await Promise.all([...this.#links.values()].map((link) => link.end(new Error('this node stops'))));
    await this.#node?.stop();
    this.#node = undefined;
    await this.#deliveries.settled();
  }

  addresses(): readonly string[] {
    return this.#node?.getMultiaddrs().map(String) ?? [];
  }

  dial(address: string, done: DialDone): void {
    const finish: DialDone = (result) => this.#deliveries.add(() => done(result));
    const target = parseDialAddress(address);
    if (target === undefined) return finish(transportFaults.peer_unreachable('that is no address of the mesh'));
    if (target.peer === this.self) return finish(transportFaults.dialled_self(`${address} leads back to this node`));
    if (this.#node === undefined || this.#stopping.signal.aborted) return finish(stoppedFault());
    const peer = this.#peerAt(target);
    if (peer !== undefined) return finish(peer);
    this.#node.dial(target.multiaddr, { signal: this.#stopping.signal }).then(
      (connection) => this.#expect(connection, finish),
      (error: unknown) => {
        this.#forgetLater();
        finish(this.#stopping.signal.aborted ? stoppedFault() : dialFault(address, error, this.#options.secretAdvice));
      },
    );
  }

  close(peer: PeerId, reason: string): void {
    void this.#links.get(peer)?.end(new Error(reason));
  }

  isOpen(peer: PeerId): boolean {
    return this.#links.get(peer)?.isOpen ?? false;
  }

  send(peer: PeerId, bytes: Uint8Array): boolean {
    const isSent = bytes.length <= this.#limits.frameBytesMax && (this.#links.get(peer)?.send(bytes) ?? false);
    if (isSent) {
      this.traffic.framesSent++;
      this.traffic.bytesSent += bytes.length;
    } else {
      this.traffic.framesDropped++;
    }
    return isSent;
  }

  ask(peer: PeerId, bytes: Uint8Array, timeoutMs: number, done: (answer: Uint8Array | undefined) => void): void {
    const finish = (answer: Uint8Array | undefined) => this.#deliveries.add(() => done(answer));
    const link = this.#links.get(peer);
    if (link === undefined || bytes.length > this.#limits.askBytesMax) finish(undefined);
    else link.ask(bytes, timeoutMs, finish);
  }

  #connected(connection: Connection): void {
    if (this.#stopping.signal.aborted) return;
    const peer = connection.remotePeer.toString();
    let link = this.#links.get(peer);
    if (link === undefined) {
      const { clock, random } = this.#options;
      const token = random.bytes(tokenBytes);
      link = new Libp2pLink({
        self: this.self,
        peer,
        clock,
        limits: this.#limits,
        token,
        observer: this.#linkObserver,
      });
      this.#links.set(peer, link);
    }
    link.add(connection);
  }

  /** An address, or a peer, that there is a connection to already. */
  #peerAt({ peer, place }: DialAddress): PeerId | undefined {
    if (peer !== undefined) return this.isOpen(peer) ? peer : undefined;
    for (const link of this.#links.values()) if (link.isOpen && link.isDialledAt(place)) return link.peer;
    return undefined;
  }

  /** The dial has succeeded once frames can be sent. */
  #expect(connection: Connection, finish: DialDone): void {
    const peer = connection.remotePeer.toString();
    const link = this.#links.get(peer);
    if (this.#stopping.signal.aborted) finish(stoppedFault());
    else if (link === undefined) finish(lostFault());
    else if (link.isOpen) finish(peer);
    else this.#expected.set(peer, [...(this.#expected.get(peer) ?? []), finish]);
  }

  #settleDials(peer: PeerId, result: PeerId | Fault): void {
    const expected = this.#expected.get(peer) ?? [];
    this.#expected.delete(peer);
    for (const finish of expected) finish(result);
  }

  #ended(link: Libp2pLink, error: Error): void {
    const { peer, hasOpened } = link;
    if (this.#links.get(peer) === link) this.#links.delete(peer);
    if (hasOpened) this.#deliveries.add(() => this.#observer?.closed(peer, error.message));
    if (!this.#links.has(peer)) this.#settleDials(peer, this.#stopping.signal.aborted ? stoppedFault() : lostFault());
    if (error instanceof Offence) this.#complaints.offence(peer, error.message);
    this.#forgetLater();
  }

  /** libp2p notes every peer and address that it ever met; without this its notes grow with every join and kill. */
  #forgetLater(): void {
    if (this.#isForgetting || this.#node === undefined) return;
    this.#isForgetting = true;
    this.#options.clock.after(forgetAfterMs, () => {
      this.#isForgetting = false;
      this.#forget().catch((error: unknown) =>
        this.#options.log.error('peers that left cannot be forgotten', { error }),
      );
    });
  }

  async #forget(): Promise<void> {
    const store = this.#node?.peerStore;
    for (const { id } of (await store?.all()) ?? []) {
      const peer = id.toString();
      if (peer !== this.self && !this.#links.has(peer)) await store?.delete(id);
    }
  }

  #channelOf(connection: Connection): Libp2pChannel | undefined {
    return this.#links.get(connection.remotePeer.toString())?.channelOf(connection);
  }

  readonly #linkObserver: LinkObserver = {
    opened: ({ peer }) => {
      this.#deliveries.add(() => this.#observer?.opened(peer));
      this.#settleDials(peer, peer);
    },
    frame: ({ peer }, bytes) => {
      this.traffic.framesReceived++;
      this.traffic.bytesReceived += bytes.length;
      this.#deliveries.add(() => this.#observer?.frame(peer, bytes));
    },
    question: ({ peer }, bytes, answer) => {
      this.#deliveries.add(() => this.#observer?.question(peer, bytes, answer));
    },
    ended: (link, error) => this.#ended(link, error),
    replaced: ({ peer }, link) => this.#links.set(peer, link),
  };
}

function lostFault(): Fault {
  return transportFaults.peer_unreachable('what answered there is no member, or broke off');
}

function stoppedFault(): Fault {
  return transportFaults.peer_unreachable('this node stops');
}
