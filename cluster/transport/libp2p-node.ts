import { createLibp2p, type Libp2p } from 'libp2p';
import type { PrivateKey } from '@libp2p/interface';
import type { Clock } from '../../kit/clock.ts';
import { membersOnly, type MembersOnlyOptions } from './libp2p-noise.ts';
import { watchedTcp, type DoorwayOptions } from './libp2p-doorway.ts';
import { silentLibp2p } from './libp2p-silence.ts';
import { boundedYamux } from './libp2p-yamux.ts';

export interface NodeOptions extends Omit<MembersOnlyOptions, 'onBegin'>, Pick<DoorwayOptions, 'onGarbage'> {
  readonly privateKey: PrivateKey;
  readonly clock: Clock;
  readonly listen: readonly string[];
  /** Addresses to tell others in place of those listened on. */
  readonly announce: readonly string[];
}

/**
 * A libp2p node without what a mesh of members does not need: no discovery, routing, identify or ping, and no monitor
 * of connections, which would end one at its first late pong.
 */
export function createNode(options: NodeOptions): Promise<Libp2p> {
  const begun = new WeakSet<object>();
  return createLibp2p({
    start: false,
    privateKey: options.privateKey,
    logger: silentLibp2p,
    addresses: { listen: [...options.listen], announce: [...options.announce] },
    transports: [watchedTcp({ hasBegun: (connection) => begun.has(connection), onGarbage: options.onGarbage })],
    connectionEncrypters: [membersOnly({ ...options, onBegin: (connection) => begun.add(connection) })],
    streamMuxers: [boundedYamux(options.clock)],
    connectionManager: {
      // One to each of 1,024 members, two where both have dialled; beyond it libp2p would cut members off.
      maxConnections: 2200,
      // The defaults (5 a second of one host, 10 pending) turn members away that start behind one address.
      inboundConnectionThreshold: 1000,
      maxIncomingPendingConnections: 256,
      inboundUpgradeTimeout: 5000,
      dialTimeout: 5000,
      addressDialTimeout: 3000,
      outboundStreamProtocolNegotiationTimeout: 3000,
      inboundStreamProtocolNegotiationTimeout: 3000,
      connectionCloseTimeout: 500,
      // Whom to dial again is decided above.
      reconnectRetries: 0,
    },
    connectionMonitor: { enabled: false },
  });
}
