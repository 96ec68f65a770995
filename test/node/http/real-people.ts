import { silentLog } from '../../../kit/log.ts';
import { seededRandom } from '../../../kit/random.ts';
import type { Clock } from '../../../kit/clock.ts';
import { openMesh } from '../../../node/assembly/mesh/open-mesh.ts';
import type { MeshNode } from '../../cluster/state-mesh/state-mesh.ts';
import { AuthNode } from '../auth/auth-mesh.ts';
import { Folder } from '../config/folder.ts';
import type { NodeOptions } from './node-under-test.ts';

/** Users, keys, roles and sessions as they are, on the records of a node alone; only that a password's hash is cheap. */
export interface RealPeople {
  readonly desks: NonNullable<NodeOptions['people']>;
  stop(): Promise<void>;
}

export async function realPeople(clock: Clock): Promise<RealPeople> {
  const folder = await Folder.create();
  const { settings } = await folder.settings(['--data-dir', 'data']);
  const facts = { id: 'node1', version: '1.2.3', clock, random: seededRandom(5) };
  const { mesh } = await openMesh(settings, facts, silentLog, '127.0.0.1');
  const place: Pick<MeshNode, 'records'> & { clock: Clock } = { clock, records: mesh.records as MeshNode['records'] };
  return {
    desks: new AuthNode(place as MeshNode, 5),
    async stop() {
      await mesh.leave(false);
      await folder.remove();
    },
  };
}
