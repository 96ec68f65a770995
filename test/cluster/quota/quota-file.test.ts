import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeptQuotas } from '../../../cluster/quota/contract.ts';
import { QuotaFile, readQuotaFile } from '../../../cluster/quota/quota-file.ts';
import { recordedLog } from '../mesh/recorded-log.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aiproxy-quotas-'));
  path = join(folder, 'quotas.json');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const kept: KeptQuotas = {
  state: 'stopped',
  mayBeTakenOut: false,
  standing: { eras: [['n1', 'n2']], former: [['n1', 'n2', 'n3']], isAgreed: true, isSaid: true },
  marked: ['much'],
  counts: [{ bucket: 'little', counts: [[1234.5, 7]] }],
  loans: [{ bucket: 'use', borrower: 'n2', id: 77, amount: 3 }],
};

describe('the file of what was taken of limits', () => {
  it('gives back what was saved last, to its owner alone', async () => {
    const file = new QuotaFile(path);
    const save = (content: KeptQuotas) => new Promise((resolve) => file.save(content, resolve));
    await Promise.all([save({ ...kept, marked: [] }), save(kept)]);
    expect(await readQuotaFile(path, recordedLog())).toEqual(kept);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('is nothing when there is none', async () => {
    expect(await readQuotaFile(path, recordedLog())).toBeUndefined();
  });

  it('knows nothing when it is damaged, and says so', async () => {
    const file = new QuotaFile(path);
    await new Promise((resolve) => file.save(kept, resolve));
    const text = await readFile(path, 'utf8');
    const log = recordedLog();
    const damaged = [
      text.slice(0, -20),
      text.replace('"version":1', '"version":9'),
      text.replace('"stopped"', '"asleep"'),
      text.replace('1234.5', '"x"'),
      text.replace('"much"', '7'),
      text.replace('["n1","n2"]', '{}'),
      'null',
      '',
    ];
    for (const content of damaged) {
      await writeFile(path, content);
      expect(await readQuotaFile(path, log)).toMatchObject({ state: 'unknown', mayBeTakenOut: true });
    }
    expect(log.lines.filter(({ level }) => level === 'warn').length).toBe(damaged.length);
  });

  it('says when it could not be written', async () => {
    const file = new QuotaFile(join(path, 'no', 'folder'));
    await writeFile(path, '');
    expect(await new Promise((resolve) => file.save(kept, resolve))).toMatchObject({ code: 'ENOTDIR' });
  });
});
