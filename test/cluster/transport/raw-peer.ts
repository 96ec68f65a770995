import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import type { Connection, Stream } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p, type Libp2p } from 'libp2p';
import { asksProtocol, framesProtocol } from '../../../cluster/transport/libp2p-channel.ts';
import { withLength } from '../../../cluster/transport/length-prefixed.ts';
import { freshKey, prologue } from './libp2p-network.ts';

/** The parts of yamux's session that only somebody hostile would reach for. */
export interface RawSession {
  sendFrame(header: { type: number; flag: number; streamID: number; length: number }, data?: Uint8Array): void;
  sendPing(id: number): void;
}

/** A peer that has the secret and does with it what it likes. */
export class RawPeer {
  readonly #node: Libp2p;
  /** Streams that the other side opened, by protocol. */
  readonly opened: Stream[] = [];

  private constructor(node: Libp2p) {
    this.#node = node;
  }

  static async start(
    options: {
      key?: Uint8Array;
      prologue?: Uint8Array;
      onStream?: (stream: Stream) => void;
      protocols?: string[];
    } = {},
  ): Promise<RawPeer> {
    const node = await createLibp2p({
      privateKey: privateKeyFromRaw(options.key ?? freshKey()),
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise({ prologueBytes: options.prologue ?? prologue })],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false },
    });
    const peer = new RawPeer(node);
    for (const protocol of options.protocols ?? [framesProtocol, asksProtocol]) {
      await node.handle(protocol, (stream) => {
        peer.opened.push(stream);
        options.onStream?.(stream);
      });
    }
    return peer;
  }

  get id(): string {
    return this.#node.peerId.toString();
  }

  get address(): string {
    return String(this.#node.getMultiaddrs()[0]);
  }

  get connections(): Connection[] {
    return this.#node.getConnections();
  }

  dial(address: string): Promise<Connection> {
    return this.#node.dial(multiaddr(address));
  }

  /** Dials and opens its stream of frames as an honest peer would. */
  async join(address: string, token = new Uint8Array(8).fill(1)): Promise<{ connection: Connection; frames: Stream }> {
    const connection = await this.dial(address);
    const frames = await connection.newStream(framesProtocol);
    frames.send(withLength(token));
    return { connection, frames };
  }

  async stop(): Promise<void> {
    await this.#node.stop();
  }
}

export function sessionOf(connection: Connection): RawSession {
  return (connection as unknown as { muxer: RawSession }).muxer;
}
