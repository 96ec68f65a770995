import { mkdtemp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NotesFile } from '../../../node/assembly/account-notes.ts';
import { ManualClock } from '../../manual-clock.ts';
import { linesLog } from './lines-log.ts';

let dataDir = '';
let path = '';
let clock: ManualClock;
let log = linesLog();

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'aiproxy-notes-'));
  path = join(dataDir, 'account-notes.json');
  clock = new ManualClock();
  log = linesLog();
});

afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

async function open(): Promise<NotesFile> {
  const file = new NotesFile({ dataDir, clock, log });
  await file.load();
  return file;
}

async function onDisk(): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8')) as unknown;
}

test('notes are written soon after, for their owner alone, and are there again', async () => {
  const file = await open();
  file.of('a', 'cred').set('project', 'p-1');
  file.of('a', 'cred').set('host', 'h');
  file.of('a', 'cred').set('host', undefined);
  clock.advance(1000);
  await file.stop();
  expect(await onDisk()).toEqual({ a: { credential: 'cred', notes: { project: 'p-1' } } });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await open()).of('a', 'cred').get('project')).toBe('p-1');
});

test('what was not yet written is written at the stop', async () => {
  const file = await open();
  file.of('a', 'cred').set('project', 'p-1');
  await file.stop();
  expect((await open()).of('a', 'cred').get('project')).toBe('p-1');
});

test('notes hold for the credential that they were made with', async () => {
  const file = await open();
  const former = file.of('a', 'one');
  former.set('project', 'p-1');
  const next = file.of('a', 'two');
  expect([next.get('project'), former.get('project')]).toEqual([undefined, undefined]);
  next.set('project', 'p-2');
  // An upstream that is still open with the former credential.
  former.set('project', 'late');
  expect(next.get('project')).toBe('p-2');
  await file.stop();
  expect(await onDisk()).toEqual({ a: { credential: 'two', notes: { project: 'p-2' } } });
});

test('accounts that are gone leave nothing', async () => {
  const file = await open();
  for (const id of ['a', 'b', 'c']) file.of(id, 'cred').set('k', id);
  file.forget('a');
  file.keepOnly(new Set(['c']));
  await file.stop();
  expect(await onDisk()).toEqual({ c: { credential: 'cred', notes: { k: 'c' } } });
});

test('number and size of the notes are bounded', async () => {
  const file = await open();
  const notes = file.of('a', 'cred');
  for (let n = 0; n < 20; n++) notes.set(`n${n}`, 'v');
  notes.set('n0', 'x'.repeat(1025));
  notes.set('x'.repeat(65), 'v');
  expect([notes.get('n0'), notes.get('n15'), notes.get('n16')]).toEqual(['v', 'v', undefined]);
  notes.set('n0', undefined);
  notes.set('n16', 'x'.repeat(1024));
  expect(notes.get('n16')).toHaveLength(1024);
  await file.stop();
});

test.each(['', '{', '[]', '{"a":{"credential":1,"notes":{}}}', '{"a":{"credential":"c","notes":{"k":7}}}'])(
  'a file that holds %j is told of and does not stop the node',
  async (text) => {
    await writeFile(path, text);
    const file = await open();
    expect(file.of('a', 'c').get('k')).toBeUndefined();
    expect(log.lines).toEqual([expect.stringContaining('cannot be read')]);
    file.of('a', 'c').set('k', 'v');
    await file.stop();
    expect((await open()).of('a', 'c').get('k')).toBe('v');
  },
);

test('a disk that refuses is told of once a try, and tried again', async () => {
  await mkdir(path);
  const file = new NotesFile({ dataDir, clock, log });
  file.of('a', 'c').set('k', 'v');
  clock.advance(1000);
  await expect.poll(() => log.lines.length).toBe(1);
  await rm(path, { recursive: true });
  await expect.poll(() => clock.pendingCount).toBe(1);
  clock.advance(60_000);
  await expect.poll(onDisk).toEqual({ a: { credential: 'c', notes: { k: 'v' } } });
  await file.stop();
});
