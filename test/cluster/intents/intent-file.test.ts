import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredIntent } from '../../../cluster/intents/contract.ts';
import { IntentFile, readIntentFile } from '../../../cluster/intents/intent-file.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aiproxy-intents-'));
  path = join(folder, 'intents.json');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const intentOf = (key: string, sequence: number, state: StoredIntent['state']): StoredIntent => ({
  key,
  generation: `g${sequence}`,
  holder: 'n1',
  fence: { term: 1, sequence },
  state,
  notedAtMs: 5,
  budgetMs: 1000,
});
const saved = (file: IntentFile, intents: readonly StoredIntent[]) =>
  new Promise<unknown>((resolve) => {
    file.save(intents, resolve);
  });

describe('the file of intents', () => {
  it('replaces what it has for a key and keeps the others', async () => {
    const file = new IntentFile(path, [intentOf('a', 1, 'spent'), intentOf('b', 2, 'intended')]);
    await Promise.all([
      saved(file, [intentOf('b', 2, 'spent'), intentOf('b', 3, 'intended')]),
      saved(file, [intentOf('c', 4, 'intended')]),
    ]);
    const kept = await readIntentFile(path);
    expect(kept.map(({ key, fence, state }) => `${key}${fence.sequence} ${state}`)).toEqual([
      'a1 spent',
      'b2 spent',
      'b3 intended',
      'c4 intended',
    ]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('drops keys that say nothing any more before it grows past its bound', async () => {
    const kept = Array.from({ length: 10_001 }, (_, index) => intentOf(`k${index}`, index, 'released'));
    const file = new IntentFile(path, [...kept, intentOf('spent', 1, 'spent')]);
    await saved(file, [intentOf('new', 2, 'intended')]);
    expect((await readIntentFile(path)).map(({ key }) => key)).toEqual(['spent', 'new']);
  });

  it('is empty when it is not there', async () => {
    expect(await readIntentFile(path)).toEqual([]);
  });

  it.each([
    ['a part of it', '{"version":1,"intents":[{'],
    ['another version', '{"version":9,"intents":[]}'],
    ['no intents', '{"version":1}'],
    ['an intent that is none', '{"version":1,"intents":[{"key":"a"}]}'],
  ])('names itself when it holds %s', async (_what, text) => {
    await writeFile(path, text);
    await expect(readIntentFile(path)).rejects.toMatchObject({
      code: 'intent_file_unreadable',
      message: expect.stringContaining(path),
    });
  });
});
