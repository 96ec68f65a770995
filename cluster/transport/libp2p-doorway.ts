import { tcp } from '@libp2p/tcp';
import type { CreateListenerOptions, MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface';

export interface DoorwayOptions {
  /** Whether the connection came as far as a handshake under the secret: what failed there is told there. */
  hasBegun(connection: MultiaddrConnection): boolean;
  /** Something connected that speaks no protocol of the mesh, or nothing in time. `from` is its address. */
  onGarbage(from: string): void;
}

type Components = Parameters<ReturnType<typeof tcp>>[0];

/** TCP that tells of connections which end before the handshake; libp2p itself says nothing of them. */
export function watchedTcp(options: DoorwayOptions): (components: Components) => Transport {
  const create = tcp({ inboundSocketInactivityTimeout: 30_000, outboundSocketInactivityTimeout: 30_000 });
  return (components) => {
    const transport = create(components);
    const listen = transport.createListener.bind(transport);
    transport.createListener = (listener: CreateListenerOptions) =>
      listen({ ...listener, upgrader: watched(listener.upgrader, options) });
    return transport;
  };
}

function watched(upgrader: Upgrader, { hasBegun, onGarbage }: DoorwayOptions): Upgrader {
  const upgradeInbound: Upgrader['upgradeInbound'] = async (connection, options) => {
    try {
      await upgrader.upgradeInbound(connection, options);
    } catch (error) {
      const isOurs = options.signal?.aborted === true || isDenied(error);
      if (!isOurs && !hasBegun(connection)) onGarbage(String(connection.remoteAddr));
      throw error;
    }
  };
  return Object.assign(Object.create(upgrader) as Upgrader, { upgradeInbound });
}

/** Too many at once: nothing is known of what this one would have said. */
function isDenied(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConnectionDeniedError';
}
