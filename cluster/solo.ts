import type { Connection, LinkKeeper } from './connection.ts';
import { MemberMesh, type MeshParts } from './mesh.ts';
import { SilentPost } from './silent-post.ts';

/** No mesh address: nobody can connect to a node alone. */
const nowhere = { peer: 'solo', meshAddresses: [] } as const;

export type SoloParts = Omit<MeshParts, 'connection' | 'election' | 'facts'> & {
  readonly facts: Omit<MeshParts['facts'], 'peer' | 'meshAddresses'>;
};

/** A mesh of one: the same code over a post that reaches nobody, with no transport loaded and no timer ticking. */
export function soloMesh(parts: SoloParts): MemberMesh {
  const { facts } = parts;
  return new MemberMesh({
    ...parts,
    facts: { ...facts, ...nowhere },
    connection: silentConnection(facts.nodeId),
    election: { policy: 'majority', voters: [], founding: [facts.address] },
  });
}

function silentConnection(self: string): Connection {
  const links: LinkKeeper = { isJoined: true, obstacle: undefined, start: () => undefined, stop: () => undefined };
  return {
    post: new SilentPost(self),
    traffic: { framesSent: 0, framesReceived: 0, bytesSent: 0, bytesReceived: 0, framesDropped: 0 },
    refused: () => 0,
    link: () => links,
    card: () => undefined,
    close: () => Promise.resolve(),
  };
}
