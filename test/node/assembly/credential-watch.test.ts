import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { CredentialFolders } from '../../../node/assembly/credential-files.ts';
import { CredentialWatch } from '../../../node/assembly/credential-watch.ts';
import { ManualClock } from '../../manual-clock.ts';
import { linesLog } from './lines-log.ts';

const clock = new ManualClock();
const disk = new Map<string, string>();
let looks = 0;
let changed: string[] = [];
const watch = new CredentialWatch({
  clock,
  onChanged: (id) => void changed.push(id),
  markOf(path) {
    looks++;
    return Promise.resolve(disk.get(path));
  },
});

afterEach(() => {
  watch.stop();
  for (const id of ['a', 'b', 'c']) watch.forget(id);
  disk.clear();
  changed = [];
  looks = 0;
});

/** Lets time pass, and the look end that falls due. */
async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

function begin(files: Record<string, Record<string, string | undefined>>): void {
  for (const marks of Object.values(files))
    for (const [path, mark] of Object.entries(marks)) if (mark !== undefined) disk.set(path, mark);
  for (const [id, marks] of Object.entries(files)) watch.set(id, new Map(Object.entries(marks)));
  watch.start();
}

test('what stays as it is is left alone, and each file is looked at once a round', async () => {
  begin({ a: { '/x': '1', '/y': undefined }, b: { '/x': '1' } });
  await pass(3000);
  expect(looks).toBe(2);
  await pass(3000);
  expect([looks, changed]).toEqual([4, []]);
});

test.each([
  ['changes', '/x', '2'],
  ['appears', '/y', '1'],
  ['goes', '/x', undefined],
])('a file that %s is told of for those who read it, once it stays as it is', async (_, path, mark) => {
  begin({ a: { '/x': '1', '/y': undefined }, b: { '/x': '1', '/y': undefined }, c: { '/z': '1' } });
  if (mark === undefined) disk.delete(path);
  else disk.set(path, mark);
  await pass(3000);
  expect(changed).toEqual([]);
  await pass(500);
  expect(changed).toEqual(['a', 'b']);
});

test('a file that is still being written is waited for', async () => {
  begin({ a: { '/x': '1' } });
  for (const mark of ['2', '3', '4']) {
    disk.set('/x', mark);
    await pass(mark === '2' ? 3000 : 500);
  }
  expect(changed).toEqual([]);
  await pass(500);
  expect(changed).toEqual(['a']);
});

test('what was told is compared with what is set then; an account that is gone is not looked at', async () => {
  begin({ a: { '/x': '1' }, b: { '/z': '1' } });
  disk.set('/x', '2');
  await pass(3500);
  watch.set('a', new Map([['/x', '2']]));
  watch.forget('b');
  changed = [];
  looks = 0;
  await pass(9000);
  expect([changed, looks > 0]).toEqual([[], true]);
});

test('without files there is no timer, and after the stop none either', async () => {
  watch.start();
  expect(clock.pendingCount).toBe(0);
  begin({ a: { '/x': '1' } });
  expect(clock.pendingCount).toBe(1);
  clock.advance(3000);
  watch.stop();
  await pass(0);
  expect(clock.pendingCount).toBe(0);
});

test('on a real disk, a file that is replaced is noticed', async () => {
  const home = await mkdtemp(join(tmpdir(), 'aiproxy-watch-'));
  const path = join(home, 'creds.json');
  await writeFile(path, 'same', { mode: 0o600 });
  const files = new CredentialFolders({ home, dataDir: home, log: linesLog() }).filesFor('a');
  files.read('creds_file', path);
  const told = Promise.withResolvers<string>();
  const real = new CredentialWatch({ clock: systemClock, onChanged: told.resolve });
  real.set('a', files.seen.marks);
  await writeFile(join(home, 'next'), 'same', { mode: 0o600 });
  await rename(join(home, 'next'), path);
  real.start();
  expect(await told.promise).toBe('a');
  real.stop();
  expect(files.seen.again().marks).not.toEqual(files.seen.marks);
  await rm(home, { recursive: true });
}, 20_000);
