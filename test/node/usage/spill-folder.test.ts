import { appendFile, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog, type Log } from '../../../kit/log.ts';
import { damagedFilesMax, spillFileBytesMax } from '../../../node/usage/limits.ts';
import { SpillFolder } from '../../../node/usage/spill-folder.ts';
import { freshFolder } from '../../cluster/folder.ts';
import { aBatch } from './a-batch.ts';

const root = freshFolder();
let folder: string;
let told: string[];
let bytesMax: number;
let opened: SpillFolder[];
const log: Log = { ...silentLog, error: (message) => void told.push(message) };

beforeEach(() => {
  folder = join(root(), 'spill');
  told = [];
  bytesMax = 100_000_000;
  opened = [];
});

afterEach(() => Promise.all(opened.map((spill) => spill.close())));

async function open(): Promise<SpillFolder> {
  const spill = new SpillFolder({ folder, log, bytesMax: () => bytesMax });
  await spill.load();
  opened.push(spill);
  return spill;
}

async function idsOf(spill: SpillFolder): Promise<string[]> {
  const ids: string[] = [];
  for (let batch = await spill.peek(); batch !== undefined; batch = await spill.peek()) {
    ids.push(batch.id);
    await spill.shift();
  }
  return ids;
}

describe('batches in files', () => {
  it('come back whole and in order, and their files go', async () => {
    const spill = await open();
    const batches = ['a', 'b', 'c'].map((id) => aBatch(id));
    for (const batch of batches) expect(await spill.append(batch)).toBe(true);
    await spill.sync();
    expect(await spill.peek()).toEqual(batches[0]);
    expect(await spill.peek()).toEqual(batches[0]);
    expect(await idsOf(spill)).toEqual(['a', 'b', 'c']);
    expect(spill.isEmpty).toBe(true);
    expect(spill.bytes).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it('can be added to while they are read', async () => {
    const spill = await open();
    await spill.append(aBatch('a'));
    await Promise.all([spill.append(aBatch('b')), spill.peek(), spill.append(aBatch('c'))]);
    await spill.shift();
    await Promise.all([spill.append(aBatch('d')), spill.shift(), spill.append(aBatch('e'))]);
    expect(await idsOf(spill)).toEqual(['c', 'd', 'e']);
  });

  it('are there after a restart, those of a killed process too, and new ones come after them', async () => {
    const killed = await open();
    await killed.append(aBatch('a'));
    await killed.append(aBatch('b'));
    const second = await open();
    expect(second.bytes).toBe(killed.bytes);
    await second.append(aBatch('c'));
    await second.close();
    expect(await idsOf(await open())).toEqual(['a', 'b', 'c']);
  });

  it('are read again from the beginning of a file that was not done with', async () => {
    const first = await open();
    for (const id of ['a', 'b', 'c']) await first.append(aBatch(id));
    await first.peek();
    await first.shift();
    expect(await idsOf(await open())).toEqual(['a', 'b', 'c']);
  });

  it('lie in files of a few megabytes that only their owner reads', async () => {
    const spill = await open();
    const rows = 'x'.repeat(3_000_000);
    for (const id of ['a', 'b', 'c', 'd']) await spill.append(aBatch(id, { rows }));
    await spill.close();
    const names = await readdir(folder);
    expect(names).toEqual(['00000001.jsonl', '00000002.jsonl']);
    for (const name of names) {
      const { size, mode } = await stat(join(folder, name));
      expect(size).toBeLessThan(spillFileBytesMax + 4_000_000);
      expect(mode & 0o777).toBe(0o600);
    }
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await idsOf(spill)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are not taken past the bound', async () => {
    const spill = await open();
    await spill.append(aBatch('a'));
    bytesMax = spill.bytes * 2 - 1;
    expect(await spill.append(aBatch('b'))).toBe(false);
    bytesMax = spill.bytes * 2;
    expect(await spill.append(aBatch('b'))).toBe(true);
    expect(await idsOf(spill)).toEqual(['a', 'b']);
  });
});

describe('a damaged file', () => {
  async function spilled(...ids: string[]): Promise<string> {
    const spill = await open();
    for (const id of ids) await spill.append(aBatch(id));
    await spill.close();
    return join(folder, '00000001.jsonl');
  }

  it('is read as far as it goes, put aside and told', async () => {
    const path = await spilled('a', 'b', 'c');
    await truncate(path, (await stat(path)).size - 10);
    const spill = await open();
    expect(await idsOf(spill)).toEqual(['a', 'b']);
    expect(spill.bytes).toBe(0);
    expect(told).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['00000001.jsonl.damaged']);
    expect(await idsOf(await open())).toEqual([]);
  });

  it('reads what a clock before 1970 and sums beyond 2^53 have made', async () => {
    const spill = await open();
    const batch = aBatch('a', { fromMs: -5000, toMs: -1 });
    const odd = {
      ...batch,
      usage: batch.usage.map((cell) => Object.assign({}, cell, { hourMs: -3_600_000, costNano: 12e15 })),
    };
    await spill.append(odd);
    expect(await spill.peek()).toEqual(odd);
    await spill.shift();
    expect(told).toEqual([]);
  });

  it('loses only the lines that cannot be read', async () => {
    const path = await spilled('a');
    const [line = ''] = (await readFile(path, 'utf8')).split('\n');
    const others = [line.replace('"a"', '7'), '{}', 'garbage', '', '[1]', line.replace('"a"', '"z"')];
    await appendFile(path, others.map((each) => `${each}\n`).join(''));
    expect(await idsOf(await open())).toEqual(['a', 'z']);
    expect(told).toHaveLength(1);
  });

  it('does not keep the others from being read when the disk does not give it', async () => {
    await mkdir(join(folder, '00000001.jsonl'), { recursive: true });
    const spill = await open();
    await spill.append(aBatch('b'));
    expect(await idsOf(spill)).toEqual(['b']);
    expect(await readdir(folder)).toEqual(['00000001.jsonl.damaged']);
  });

  it('is kept with few others', async () => {
    await mkdir(folder, { recursive: true });
    for (let index = 1; index <= damagedFilesMax + 3; index++) {
      await writeFile(join(folder, `${String(index).padStart(8, '0')}.jsonl`), 'garbage');
    }
    expect(await idsOf(await open())).toEqual([]);
    const names = await readdir(folder);
    expect(names).toHaveLength(damagedFilesMax);
    expect(names[0]).toBe('00000004.jsonl.damaged');
  });
});

describe('trouble with the disk', () => {
  it('rejects what is appended, and takes it once the trouble is over', async () => {
    await writeFile(folder, 'a file where the folder should be');
    const spill = await open();
    expect(told).toHaveLength(1);
    await expect(spill.append(aBatch('a'))).rejects.toThrow();
    await rm(folder);
    expect(await spill.append(aBatch('a'))).toBe(true);
    expect(await idsOf(spill)).toEqual(['a']);
  });
});

it('puts aside what the store refuses, and never reads it again', async () => {
  const spill = await open();
  await spill.putAside(aBatch('a'));
  expect(await readdir(folder)).toEqual(['00000001.refused']);
  const again = await open();
  expect(again.isEmpty).toBe(true);
  await again.append(aBatch('b'));
  expect((await readdir(folder)).toSorted()).toEqual(['00000001.refused', '00000002.jsonl']);
});
