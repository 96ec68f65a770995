import { join } from 'node:path';
import { memberPlaces, memberSettings } from '../mesh/member-settings.ts';
import { untilWhole } from '../mesh/until-whole.ts';
import type { Target } from './contract.ts';
import { nodeCommand, nodeKey, usualSettings } from './product-node.ts';

/** The product with its mesh on and nobody else in it. */
export const aiproxyMesh = member('aiproxy-mesh', 'this product with its mesh on, alone', 1);

/** One node of three: the load is its alone, its two peers gossip on the load side's core. It founded the mesh, so it leads. */
export const aiproxyMesh3 = member('aiproxy-mesh-3', 'this product in a mesh of three, two peers without load', 3);

function member(name: string, summary: string, members: number): Target {
  return {
    name,
    summary,
    translates: true,
    byDefault: true,
    startedBy: 'work',
    missing: () => undefined,
    async prepare({ folder, port, upstreamPort, nodeFlags, program }) {
      const places = await memberPlaces(members, port);
      const [own, ...peers] = places.map((place, index) => ({
        folder: index === 0 ? folder : join(folder, place.id),
        settings: { ...usualSettings({ port: place.port, upstreamPort }, false), ...memberSettings(places, index) },
      }));
      if (own === undefined) throw new TypeError('a mesh has a member');
      return {
        ...nodeCommand(own.folder, own.settings, { program, nodeFlags }),
        headers: { authorization: `Bearer ${nodeKey}` },
        readyPath: '/health/live',
        companions: peers.map((peer) => {
          const { command, env } = nodeCommand(peer.folder, peer.settings, { program, nodeFlags: [] });
          return { command, env, folder: peer.folder, isMeasured: false };
        }),
        settled: () => untilWhole(places.map((place) => place.port)),
      };
    },
  };
}
