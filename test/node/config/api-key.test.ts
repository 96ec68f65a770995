import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../../kit/random.ts';
import { withApiKey } from '../../../node/config/api-key.ts';
import { Folder } from './folder.ts';

let folder: Folder;

beforeEach(async () => {
  folder = await Folder.create();
});

afterEach(() => folder.remove());

describe('withApiKey', () => {
  it('makes a key at the first start, keeps it 0600, and finds it at the next', async () => {
    const { settings } = await folder.settings();
    const first = await withApiKey(settings, systemRandom);
    expect(first.isGenerated).toBe(true);
    expect(first.settings.api_key.reveal()).toMatch(/^sk-aiproxy-[A-Za-z0-9_-]{32}$/);
    const path = join(folder.home, '.aiproxy', 'api-key');
    expect((await readFile(path, 'utf8')).trim()).toBe(first.settings.api_key.reveal());
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const second = await withApiKey(settings, systemRandom);
    expect(second.isGenerated).toBe(false);
    expect(second.settings.api_key.reveal()).toBe(first.settings.api_key.reveal());
  });

  it('gives many nodes that start at once the same key, made by one', async () => {
    const { settings } = await folder.settings();
    const all = await Promise.all(Array.from({ length: 8 }, () => withApiKey(settings, systemRandom)));
    expect(all.filter(({ isGenerated }) => isGenerated)).toHaveLength(1);
    expect(new Set(all.map((each) => each.settings.api_key.reveal())).size).toBe(1);
  });

  it('leaves a key that was given, and writes nothing', async () => {
    const { settings } = await folder.settings(['--api-key', 'mine']);
    const { settings: keyed, isGenerated } = await withApiKey(settings, systemRandom);
    expect([keyed.api_key.reveal(), isGenerated]).toEqual(['mine', false]);
    await expect(stat(join(folder.home, '.aiproxy'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('says that the data folder cannot be used, or that the kept key is empty', async () => {
    await writeFile(join(folder.cwd, 'taken'), '');
    const taken = await folder.fileSettings('data_dir: ./taken');
    await expect(withApiKey(taken.settings, systemRandom)).rejects.toMatchObject({
      code: 'data_dir_unusable',
      source: 'config',
    });
    await folder.write('data/api-key', '\n');
    const empty = await folder.settings(['--data-dir', './data']);
    await expect(withApiKey(empty.settings, systemRandom)).rejects.toMatchObject({ code: 'data_dir_unusable' });
  });
});
