import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { place } from '../../../../cli/program/supervise/place.ts';
import type { Plan } from '../../../../cli/program/supervise/plan.ts';
import { Folder } from '../../../node/config/folder.ts';

let folder: Folder;
beforeEach(async () => {
  folder = await Folder.create();
});
afterEach(() => folder.remove());

async function placed(plan: Partial<Plan>, args: string[] = []) {
  const { settings } = await folder.settings(args);
  return place(settings, { role: 'worker', index: 2, count: 3, isTerminal: false, ...plan });
}

describe('the place of a worker', () => {
  it('has an address of its own on the loopback, and the others as seeds', async () => {
    const placing = await placed({}, ['--host', '0.0.0.0', '--node-id', 'n']);
    expect(placing).toMatchObject({
      ok: true,
      place: {
        ownAddress: { host: '127.0.0.1', port: 23_001 },
        settings: {
          port: 3_000,
          cluster: {
            enabled: true,
            node_id: 'n-2',
            node_address: '127.0.0.1:23001',
            seed_nodes: ['127.0.0.1:23000', '127.0.0.1:23001', '127.0.0.1:23002'],
            port: 33_001,
          },
        },
      },
    });
  });

  it('is in the mesh of other machines too, at the address that they reach', async () => {
    const args = [
      '--cluster-enabled',
      '--host',
      '0.0.0.0',
      '--node-address',
      '10.0.0.5:3000',
      '--cluster-port',
      '7000',
    ];
    const placing = await placed({}, [...args, '--seed-nodes', '10.0.0.5:3000,10.0.0.6:3000']);
    expect(placing).toMatchObject({
      place: {
        ownAddress: { host: '0.0.0.0', port: 23_001 },
        settings: {
          cluster: {
            node_address: '10.0.0.5:23001',
            seed_nodes: ['10.0.0.5:23000', '10.0.0.5:23001', '10.0.0.5:23002', '10.0.0.6:3000'],
            port: 7_001,
          },
        },
      },
    });
  });

  it('is alone where it is the only one', async () => {
    expect(await placed({ index: 1, count: 1 })).toMatchObject({
      place: { settings: { cluster: { enabled: false } } },
    });
  });

  it('may be told by its ports', async () => {
    expect(await placed({ ports: [1, 2, 3], meshPorts: [4, 5, 6] }, ['--port', '0'])).toMatchObject({
      place: { ownAddress: { port: 2 }, settings: { cluster: { port: 5 } } },
    });
  });

  it('needs ports that there are', async () => {
    expect(await placed({}, ['--port', '0'])).toMatchObject({
      ok: false,
      errors: [expect.stringContaining('--workers-port')],
    });
    expect(await placed({}, ['--port', '60000'])).toMatchObject({
      ok: false,
      errors: [expect.stringContaining('65535')],
    });
  });
});

describe('the place of a member of a local mesh', () => {
  it('has ports of its own for everything', async () => {
    const placing = await placed({ role: 'member' }, ['--admin-port', '9090', '--metrics-port', '9190']);
    expect(placing).toMatchObject({
      place: {
        ownAddress: undefined,
        settings: {
          port: 3_001,
          admin: { port: 9_091 },
          metrics: { port: 9_191 },
          cluster: {
            enabled: true,
            node_id: 'node2',
            node_address: '127.0.0.1:3001',
            seed_nodes: ['127.0.0.1:3000', '127.0.0.1:3001', '127.0.0.1:3002'],
            port: 13_001,
          },
        },
      },
    });
  });
});
