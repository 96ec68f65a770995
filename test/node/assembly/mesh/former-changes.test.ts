import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../../kit/clock.ts';
import { silentLog } from '../../../../kit/log.ts';
import { adoptFormerChanges } from '../../../../node/assembly/mesh/former-changes.ts';
import { SharedChanges } from '../../../../node/assembly/mesh/shared-changes.ts';
import { loneMesh } from './lone-mesh.ts';

let folder = '';
let changes: SharedChanges;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aiproxy-former-'));
  changes = new SharedChanges(loneMesh(systemClock).records);
});
afterEach(() => rm(folder, { recursive: true }));

const former = {
  version: 1,
  added: { made: { provider: 'openai-custom', api_key: 'sk-made' } },
  changed: { configured: { enabled: false } },
  removed: ['gone'],
  algorithm: 'round_robin',
};

const write = (content: unknown) =>
  writeFile(join(folder, 'changes.json'), typeof content === 'string' ? content : JSON.stringify(content));
const adopt = () => adoptFormerChanges(folder, changes, silentLog);

test('become records once, and the file is moved aside', async () => {
  await write(former);
  await adopt();
  expect(Object.fromEntries(changes.accounts())).toEqual({
    made: { kind: 'added', fields: former.added.made },
    configured: { kind: 'changed', fields: { enabled: false } },
    gone: { kind: 'removed' },
  });
  expect(changes.algorithm).toBe('round_robin');
  expect(await readdir(folder)).toEqual(['changes.json.adopted']);
  await changes.keepAccount('made', undefined);
  await adopt();
  expect(changes.account('made')).toBeUndefined();
});

test('win over nothing that the mesh knows already', async () => {
  await changes.keepAccount('made', { kind: 'removed' });
  await changes.keepAlgorithm('ip_hash');
  await write(former);
  await adopt();
  expect([changes.account('made'), changes.algorithm]).toEqual([{ kind: 'removed' }, 'ip_hash']);
});

test('are adopted by nodes of one folder at the same time', async () => {
  await write(former);
  await Promise.all([adopt(), adopt(), adopt()]);
  expect(changes.accounts().size).toBe(3);
});

test.each(['{"version":', '[]', { ...former, version: 2 }, { ...former, added: 7 }])(
  'that are none of ours stop the start and stay where they are: %j',
  async (content) => {
    await write(content);
    await expect(adopt()).rejects.toMatchObject({ code: 'kept_changes_unreadable' });
    expect(await readdir(folder)).toEqual(['changes.json']);
    expect(changes.accounts().size).toBe(0);
  },
);
