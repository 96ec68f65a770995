import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start, type Upstream } from '../../upstream/upstream.ts';
import { MeshClient } from './mesh-client.ts';
import { startMesh, type MeshOfProcesses } from './mesh-of-processes.ts';
import { meshPromises, meshSettings } from './promises.ts';

describe.each([
  ['three nodes as a mesh', true],
  ['three nodes that know nothing of each other', false],
] as const)('%s', (_, isMeshOn) => {
  let upstream: Upstream;
  let mesh: MeshOfProcesses;
  let client: MeshClient;
  beforeAll(async () => {
    upstream = await start();
    mesh = await startMesh({ count: 3, isMeshOn, settings: meshSettings(upstream) });
    client = new MeshClient(mesh);
  });
  afterAll(async () => {
    await mesh.stop();
    await upstream.close();
  });

  for (const promise of meshPromises) {
    if (isMeshOn) it(promise.name, () => promise.run(client, upstream));
    // What passes without the mesh as well would prove nothing of it.
    else it(`cannot keep: ${promise.name}`, () => expect(promise.run(client, upstream)).rejects.toThrow());
  }
});
