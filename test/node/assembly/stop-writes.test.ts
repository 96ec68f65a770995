import { readdir, rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLog } from '../../../kit/log.ts';
import { startNode } from '../../../node/main.ts';
import { Folder } from '../config/folder.ts';

let folder: Folder;
beforeEach(async () => {
  folder = await Folder.create();
});
afterEach(() => folder.remove());

it('nothing is written any more once a node has stopped, however soon after its start', async () => {
  for (let round = 0; round < 10; round++) {
    const settings = { api_key: 'k-1234567890', port: 0, data_dir: `data${round}` };
    await folder.write('config.yaml', JSON.stringify(settings));
    const configuration = await folder.settings(['--config', 'config.yaml']);
    const node = await startNode(configuration.settings, { log: silentLog });
    await node.stop();
    const { data_dir } = configuration.settings;
    const left = await readdir(data_dir, { recursive: true });
    expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await rm(data_dir, { recursive: true });
  }
});
