import { freePorts } from '../../cli/program/supervise/free-ports.ts';

/** Where one member of a mesh on this machine is. */
export interface MemberPlace {
  readonly id: string;
  readonly port: number;
  readonly meshPort: number;
}

const secret = 'a secret of the bench, long enough';

/** `node1` first, on `firstPort` where one is given. */
export async function memberPlaces(count: number, firstPort?: number): Promise<MemberPlace[]> {
  const ports = await freePorts(2 * count);
  return Array.from({ length: count }, (_, index) => ({
    id: `node${index + 1}`,
    port: index === 0 && firstPort !== undefined ? firstPort : (ports[2 * index] ?? 0),
    meshPort: ports[2 * index + 1] ?? 0,
  }));
}

/** What makes a node a member: the first founds the mesh, the others have it as their seed. */
export function memberSettings(places: readonly MemberPlace[], index: number): Record<string, unknown> {
  const [founder] = places;
  const own = places[index];
  if (founder === undefined || own === undefined) throw new TypeError('no such member');
  return {
    port: own.port,
    cluster: {
      enabled: true,
      node_id: own.id,
      node_address: `127.0.0.1:${own.port}`,
      seed_nodes: index === 0 ? [] : [`127.0.0.1:${founder.port}`],
      port: own.meshPort,
      secret,
    },
  };
}
