import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import { createLog } from '../../../kit/log.ts';
import { openRecordStore } from '../../../node/store/record-store.ts';
import { ManualClock } from '../../manual-clock.ts';
import { startLineProcess, type LineProcess } from './line-process.ts';

let folder = '';
const lines: string[] = [];
const log = createLog({ level: 'info', destination: { write: (line) => lines.push(line) } });
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aiproxy-store-'));
  lines.length = 0;
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function recordOf(id: string, payload: unknown, major = 1): ReplicatedRecord {
  return { table: 'accounts', id, stamp: { major, minor: 0 }, writer: 'n1', payload, isDeleted: false };
}

const clock = new ManualClock();

/** Opens, does something, closes; what is kept then. */
function keptAfter(use: (opened: ReturnType<typeof openRecordStore>) => void): ReplicatedRecord[] {
  const opened = openRecordStore(folder, log, clock);
  use(opened);
  opened.close();
  const { kept, close } = openRecordStore(folder, log, clock);
  close();
  return kept.sort((left, right) => (left.id < right.id ? -1 : 1));
}

function saveNow(opened: ReturnType<typeof openRecordStore>, records: readonly ReplicatedRecord[]): unknown[] {
  const outcomes: unknown[] = [];
  opened.store.save(records, (error) => outcomes.push(error));
  expect(outcomes).toEqual([]);
  clock.advance(1000);
  return outcomes;
}

describe('the file of records', () => {
  it('gives back what was saved, faithfully', () => {
    const payload = { name: 'one', sealed: new Uint8Array([0, 255]), list: [1.5, null, true], none: Number.NaN };
    const deleted = { ...recordOf('b', undefined, 2 ** 47), isDeleted: true };
    const kept = keptAfter((opened) => expect(saveNow(opened, [recordOf('a', payload), deleted])).toEqual([undefined]));
    expect(kept).toHaveLength(2);
    expect(kept[0]).toMatchObject({ id: 'a', stamp: { major: 1, minor: 0 }, writer: 'n1', isDeleted: false });
    expect(kept[0]?.payload).toEqual(payload);
    expect(kept[1]).toEqual(deleted);
  });

  it('keeps the last write of a record, and what was forgotten only if it was written again since', () => {
    const kept = keptAfter((opened) => {
      saveNow(opened, [recordOf('a', 1), recordOf('b', 1), recordOf('c', 1)]);
      saveNow(opened, [recordOf('a', 2, 2), recordOf('c', 2, 2)]);
      opened.store.forget([recordOf('b', 1), recordOf('c', 1)], () => undefined);
    });
    expect(kept.map(({ id, payload }) => [id, payload])).toEqual([
      ['a', 2],
      ['c', 2],
    ]);
  });

  it('is readable by its owner only, and so is its journal', () => {
    const opened = openRecordStore(join(folder, 'new'), log, clock);
    saveNow(opened, [recordOf('a', 1)]);
    expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700);
    const files = readdirSync(join(folder, 'new'));
    expect(files).toContain('records.sqlite-wal');
    for (const file of files) expect(statSync(join(folder, 'new', file)).mode & 0o777).toBe(0o600);
    opened.close();
  });

  it('is written when it is closed, and takes nothing after that', () => {
    const opened = openRecordStore(folder, log, clock);
    const outcomes: unknown[] = [];
    opened.store.save([recordOf('a', 1)], (error) => outcomes.push(error));
    opened.close();
    opened.store.save([recordOf('b', 1)], (error) => outcomes.push(error));
    expect(outcomes).toEqual([undefined, expect.objectContaining({ code: 'record_store_closed' })]);
    expect(keptAfter(() => undefined).map(({ id }) => id)).toEqual(['a']);
  });

  it('is not shared by two nodes', () => {
    const opened = openRecordStore(folder, log, clock);
    expect(() => openRecordStore(folder, log, clock)).toThrow(expect.objectContaining({ code: 'record_store_in_use' }));
    expect(saveNow(opened, [recordOf('a', 1)])).toEqual([undefined]);
    opened.close();
  });

  it('of a newer version is left alone', () => {
    keptAfter((opened) => saveNow(opened, [recordOf('a', 1)]));
    const database = new DatabaseSync(join(folder, 'records.sqlite'));
    database.exec('PRAGMA user_version = 2');
    database.close();
    expect(() => openRecordStore(folder, log, clock)).toThrow(expect.objectContaining({ code: 'record_store_newer' }));
    expect(readdirSync(folder)).toEqual(['records.sqlite']);
  });

  it.each([
    ['garbage', (path: string) => writeFileSync(path, 'garbage '.repeat(10_000))],
    ['cut short', (path: string) => truncateSync(path, 5000)],
    ['overwritten in its middle', overwriteMiddle],
  ])('that is %s is moved aside, and the node starts without', (_name, damage) => {
    const many = Array.from({ length: 500 }, (_, index) => recordOf(`a${index}`, 'x'.repeat(300)));
    keptAfter((opened) => saveNow(opened, many));
    damage(join(folder, 'records.sqlite'));
    const opened = openRecordStore(folder, log, clock);
    expect(opened.kept).toEqual([]);
    expect(lines.join('')).toContain('moved aside');
    expect(saveNow(opened, [recordOf('a', 1)])).toEqual([undefined]);
    opened.close();
    expect(readdirSync(folder).filter((file) => file.includes('.broken-'))).toHaveLength(1);
    expect(keptAfter(() => undefined)).toHaveLength(1);
  });

  it('leaves out a row that cannot be read', () => {
    keptAfter((opened) => saveNow(opened, [recordOf('a', 1), recordOf('b', 1)]));
    const database = new DatabaseSync(join(folder, 'records.sqlite'));
    database.exec("UPDATE records SET payload = x'00ff' WHERE id = 'a'");
    database.close();
    expect(keptAfter(() => undefined).map(({ id }) => id)).toEqual(['b']);
    expect(lines.join('')).toContain('unreadableCount');
  });
});

function overwriteMiddle(path: string): void {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0x5a, 8192, bytes.length - 4096));
}

const script = join(import.meta.dirname, 'write-records.ts');

function startWriter(args: readonly string[], shell?: string): LineProcess {
  const started = startLineProcess(script, [folder, ...args], shell);
  children.push(started.child);
  return started;
}

describe('a process that is killed while it saves', () => {
  it.each([1, 7, 20])('has kept every batch that it said it had, and no batch in part (%i)', async (batches) => {
    const { child, ended, said } = startWriter(['40']);
    await said(`saved ${batches}`);
    child.kill('SIGKILL');
    await ended;
    const { kept, close } = openRecordStore(folder, log, clock);
    close();
    const sizes = Map.groupBy(kept, ({ stamp }) => stamp.major);
    for (let batch = 0; batch <= batches; batch++) expect(sizes.get(batch)).toHaveLength(40);
    for (const records of sizes.values()) expect(records).toHaveLength(40);
  });
});

describe('a disk', () => {
  it('that is full is told to who saves, and what fitted is kept', async () => {
    // Files may grow to 256 KiB.
    const { child, ended, said } = startWriter(['5', '5000'], 'ulimit -f 512;');
    const failure = await said('failed');
    expect(failure).toMatch(/full|I\/O/);
    child.kill('SIGKILL');
    await ended;
    const { kept, close } = openRecordStore(folder, log, clock);
    close();
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length % 5).toBe(0);
  });

  it('that nobody may write keeps the node from saving, not from starting', async () => {
    keptAfter((opened) => saveNow(opened, [recordOf('a', 1)]));
    chmodSync(join(folder, 'records.sqlite'), 0o444);
    chmodSync(folder, 0o555);
    // Root may write everywhere.
    const user = process.getuid?.() === 0 ? ['65534'] : [];
    const { said } = startWriter(['5', '10', ...user]);
    expect(await said('kept')).toBe('kept 1');
    expect(await said('failed')).toContain('failed 0');
    chmodSync(folder, 0o755);
  });
});

describe('a backup of the records', () => {
  it('is a store with what was kept, whole batches only, though saving goes on', async () => {
    const opened = openRecordStore(folder, log, clock);
    saveNow(
      opened,
      Array.from({ length: 5_000 }, (_, index) => recordOf(`a${index}`, 'x'.repeat(500))),
    );
    const copying = opened.backupTo(join(folder, 'copies', 'records.sqlite'));
    saveNow(opened, [recordOf('b1', 1, 2), recordOf('b2', 1, 2)]);
    await copying;
    await expect(opened.backupTo(join(folder, 'records.sqlite'))).rejects.toMatchObject({ code: 'backup_exists' });
    opened.close();
    expect(statSync(join(folder, 'copies', 'records.sqlite')).mode & 0o777).toBe(0o600);
    const { kept, close } = openRecordStore(join(folder, 'copies'), log, clock);
    close();
    expect(kept.filter(({ id }) => id.startsWith('a'))).toHaveLength(5_000);
    expect([0, 2]).toContain(kept.filter(({ id }) => id.startsWith('b')).length);
  });

  it('has what was given to be saved and waits for the disk', async () => {
    const opened = openRecordStore(folder, log, clock);
    saveNow(opened, [recordOf('a', 1)]);
    const errors: unknown[] = [];
    opened.store.save([recordOf('b', 2)], (error) => errors.push(error));
    await opened.backupTo(join(folder, 'copies', 'records.sqlite'));
    opened.close();
    const { kept, close } = openRecordStore(join(folder, 'copies'), log, clock);
    close();
    expect([kept.map(({ id }) => id), errors]).toEqual([['a', 'b'], [undefined]]);
  });

  it('ends without a file when the store is closed meanwhile, and is not begun after that', async () => {
    const opened = openRecordStore(folder, log, clock);
    saveNow(
      opened,
      Array.from({ length: 5_000 }, (_, index) => recordOf(`a${index}`, 'x'.repeat(500))),
    );
    const copying = opened.backupTo(join(folder, 'copy'));
    opened.close();
    await expect(copying).rejects.toMatchObject({ code: 'record_store_closed' });
    expect(readdirSync(folder)).toEqual(['records.sqlite']);
    await expect(opened.backupTo(join(folder, 'copy'))).rejects.toMatchObject({ code: 'record_store_closed' });
  });
});
