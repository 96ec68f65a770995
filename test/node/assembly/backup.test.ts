import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../kit/random.ts';
import { makeBackup, type CopyWriters } from '../../../node/assembly/backup.ts';
import { settingsSchema, type Settings } from '../../../node/config/settings.ts';
import { freshFolder } from '../../cluster/folder.ts';
import { ManualClock } from '../../manual-clock.ts';

const folder = freshFolder();
const clock = new ManualClock();
const node = { clock, random: seededRandom(3) };
const nodeFolder = () => join(folder(), 'nodes/lone');

async function backupWith(writers: Partial<CopyWriters>) {
  const parsed = settingsSchema.parse({ cluster: { node_id: 'lone' } });
  const settings: Settings = { ...parsed, data_dir: folder(), home: folder(), accounts: [] };
  await mkdir(nodeFolder(), { recursive: true });
  return makeBackup(settings, node, { records: undefined, usage: undefined, ...writers });
}

async function write(path: string): Promise<void> {
  await mkdir(join(nodeFolder(), 'backup'), { recursive: true });
  await writeFile(path, 'a copy');
}

describe('the copy of a database', () => {
  it('is gone from the disk before it is read', async () => {
    const backup = await backupWith({ records: write });
    const { content, sizeBytes } = await backup.open('records');
    expect(await readdir(nodeFolder())).toEqual([]);
    expect([await text(content), sizeBytes]).toEqual(['a copy', 6]);
  });

  it('is the only one until it has been read, or whoever reads it has gone', async () => {
    const backup = await backupWith({ records: write, usage: write });
    const first = await backup.open('records');
    const refused = expect(backup.open('usage')).rejects.toMatchObject({ code: 'backup_under_way', status: 409 });
    clock.advance(60_000);
    await refused;
    const closed = new Promise((done) => first.content.once('close', done));
    first.content.destroy();
    await closed;
    const second = await backup.open('usage');
    expect(await text(second.content)).toBe('a copy');
  });

  it('is waited for by who asks while the one before is closed, but by one alone', async () => {
    const backup = await backupWith({ records: write, usage: write });
    const first = await backup.open('records');
    const outcomes = ['records', 'usage'].map((part) =>
      backup.open(part as 'records' | 'usage').then(
        async ({ content }) => text(content),
        (error: unknown) => Reflect.get(Object(error), 'code'),
      ),
    );
    first.content.destroy();
    expect(await Promise.all(outcomes)).toEqual(['a copy', 'backup_under_way']);
  });

  it('that cannot be made leaves nothing behind, and the next one is tried', async () => {
    let isBroken = true;
    const backup = await backupWith({
      async records(path) {
        await write(path);
        if (isBroken) throw new Error('the disk is full');
      },
    });
    await expect(backup.open('records')).rejects.toThrow('the disk is full');
    expect(await readdir(nodeFolder())).toEqual([]);
    isBroken = false;
    expect(await text((await backup.open('records')).content)).toBe('a copy');
  });

  it('that a killed node has left is removed at the start', async () => {
    await mkdir(join(nodeFolder(), 'backup'), { recursive: true });
    await writeFile(join(nodeFolder(), 'backup/old.sqlite'), 'old');
    await backupWith({});
    expect(existsSync(join(nodeFolder(), 'backup'))).toBe(false);
  });

  it('of what a database server has is refused', async () => {
    const backup = await backupWith({ records: write });
    await expect(backup.open('usage')).rejects.toMatchObject({ code: 'backup_elsewhere', status: 409 });
  });
});
