import { spawnSync } from 'node:child_process';
import * as disk from 'node:fs/promises';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AtomicFileSystem, temporaryName, writeFileAtomic } from '../../../kit/atomic-file.ts';
import { interruptedWrites } from '../../../kit/interrupted-writes.ts';
import { seededRandom } from '../../../kit/random.ts';
import { encodeTokenFile } from '../../../node/tokens/token-file.ts';
import { TokenFolder } from '../../../node/tokens/token-folder.ts';
import { TokenShelf } from '../../../node/tokens/token-shelf.ts';
import { ManualClock } from '../../manual-clock.ts';
import { keepingLog, settle } from './token-node.ts';
import { tokenOf } from './written-token.ts';

const k1 = { accountId: 'k1', homeFolder: undefined };

let folder = '';
let lines: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aiproxy-interrupted-'));
  lines = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function tokensOf(write?: (path: string, text: string) => Promise<void>): TokenFolder {
  const parts = { dataDir: folder, home: folder, log: keepingLog(lines) };
  return new TokenFolder(write === undefined ? parts : { ...parts, write });
}

const names = () => readdir(join(folder, 'tokens'));
const keptRefresh = async () => (await tokensOf().read(k1))?.refresh.reveal();

/** The steps of a write in their order, and which token a start after SIGKILL there finds: before the step, after it. */
const steps: [string, 'rt-1' | 'rt-2', 'rt-1' | 'rt-2'][] = [
  ['mkdir', 'rt-1', 'rt-1'],
  ['open', 'rt-1', 'rt-1'],
  ['half', 'rt-1', 'rt-1'],
  ['write', 'rt-1', 'rt-2'],
  ['chmod', 'rt-2', 'rt-2'],
  ['sync', 'rt-2', 'rt-2'],
  ['close', 'rt-2', 'rt-2'],
  ['rename', 'rt-2', 'rt-2'],
  ['open folder', 'rt-2', 'rt-2'],
  ['sync folder', 'rt-2', 'rt-2'],
  ['close folder', 'rt-2', 'rt-2'],
];

describe('a process that is killed while it writes a token', () => {
  test.each(
    steps.flatMap(([step, before, after]) => [
      { step, moment: 'before', found: before },
      { step, moment: 'after', found: after },
    ]),
  )('$moment $step: the next start finds $found', async ({ step, moment, found }) => {
    await tokensOf().write(k1, tokenOf(1));
    const script = join(import.meta.dirname, 'dying-writer.ts');
    const child = spawnSync(process.execPath, [script, folder, step, moment], { encoding: 'utf8' });
    expect([child.signal, child.stdout, child.stderr]).toEqual(['SIGKILL', '', '']);
    const isInPlace = (await readFile(join(folder, 'tokens/k1.json'), 'utf8')).includes('rt-2');
    expect(await keptRefresh()).toBe(found);
    expect(await names()).toEqual(['k1.json']);
    const isRescued = found === 'rt-2' && !isInPlace;
    expect(lines.filter((line) => line.includes('was interrupted'))).toHaveLength(isRescued ? 1 : 0);
    expect(lines.join('\n')).not.toMatch(/[ar]t-\d/);
    lines = [];
    expect(await keptRefresh()).toBe(found);
    expect(lines).toEqual([]);
    expect((await stat(join(folder, 'tokens/k1.json'))).mode & 0o777).toBe(0o600);
  });
});

describe('what an interrupted write left', () => {
  const left = (name: string, text: string) => writeFile(join(folder, 'tokens', name), text, { mode: 0o600 });
  /** No process has it: Linux gives ids up to four millions. */
  const nobody = 4_194_999;
  const mark = '0123456789ab';

  beforeEach(async () => {
    await mkdir(join(folder, 'tokens'));
    await tokensOf().write(k1, tokenOf(2));
  });

  test('is of no use when it is older, broken, or of another account', async () => {
    await left(temporaryName('k1.json', nobody, mark), encodeTokenFile('k1', tokenOf(1)));
    await left(temporaryName('k1.json', nobody, 'ffffffffffff'), encodeTokenFile('k2', tokenOf(3)));
    await left(temporaryName('k1.json', nobody, 'eeeeeeeeeeee'), encodeTokenFile('k1', tokenOf(3)).slice(0, 90));
    expect(await keptRefresh()).toBe('rt-2');
    expect(await names()).toEqual(['k1.json']);
  });

  test('stays while its writer may be at it, and is used all the same', async () => {
    await left(temporaryName('k1.json', process.pid, mark), encodeTokenFile('k1', tokenOf(3)));
    await left(temporaryName('k1.json', process.ppid, mark), '{');
    expect(await keptRefresh()).toBe('rt-3');
    expect(await names()).toHaveLength(3);
  });

  test('of a former process with the same id goes', async () => {
    const name = temporaryName('k1.json', process.pid, mark);
    await left(name, encodeTokenFile('k1', tokenOf(3)));
    await utimes(join(folder, 'tokens', name), 1_000, 1_000);
    expect(await keptRefresh()).toBe('rt-3');
    expect(await names()).toEqual(['k1.json']);
  });

  test('stays where it cannot be put in its place', async () => {
    await left(temporaryName('k1.json', nobody, mark), encodeTokenFile('k1', tokenOf(3)));
    const full = tokensOf(() => Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' })));
    expect((await full.read(k1))?.refresh.reveal()).toBe('rt-3');
    expect(await names()).toHaveLength(2);
    expect(lines.some((line) => line.includes('cannot be written'))).toBe(true);
  });

  test('is told from files of other names', async () => {
    for (const name of ['.k1.json.1.tmp', '.k1.json.x.0123456789ab.tmp', '.k11.json.1.0123456789ab.tmp', 'k1.json.tmp'])
      await left(name, encodeTokenFile('k1', tokenOf(3)));
    expect(await interruptedWrites(join(folder, 'tokens/k1.json'))).toEqual([]);
    expect(await interruptedWrites(join(folder, 'nowhere/k1.json'))).toEqual([]);
  });
});

/** A file system in which one step fails. */
function failing(step: string, code: string): { fileSystem: AtomicFileSystem; heal: () => void } {
  let isBroken = true;
  const act = <Value>(name: string, call: () => Promise<Value>) =>
    isBroken && name === step ? Promise.reject(Object.assign(new Error(`${code}: ${name}`), { code })) : call();
  const watched = (file: FileHandle, what: string): FileHandle =>
    ({
      writeFile: (text: string) =>
        act('write', () => file.writeFile(text)).catch(async (error: unknown) => {
          // A disk that fills up takes a part.
          await file.write(text.slice(0, 20));
          throw error;
        }),
      chmod: (mode: number) => act('chmod', () => file.chmod(mode)),
      sync: () => act(`sync${what}`, () => file.sync()),
      close: async () => {
        await file.close();
        await act(`close${what}`, () => Promise.resolve());
      },
    }) as unknown as FileHandle;
  const fileSystem: AtomicFileSystem = {
    ...disk,
    mkdir: ((path: string, options: object) => act('mkdir', () => disk.mkdir(path, options))) as typeof disk.mkdir,
    open: (path, flags, mode) => {
      const what = flags === 'r' ? ' folder' : '';
      return act(`open${what}`, async () => watched(await disk.open(path, flags, mode), what));
    },
    rename: (from, to) => act('rename', () => disk.rename(from, to)),
  };
  return { fileSystem, heal: () => void (isBroken = false) };
}

describe('a disk that fails while a token is written', () => {
  test.each(
    ['ENOSPC', 'EIO'].flatMap((code) =>
      [
        ...['mkdir', 'open', 'write', 'chmod', 'sync', 'close', 'rename'].map((step) => [code, step, 'rt-1'] as const),
        ...['open folder', 'sync folder', 'close folder'].map((step) => [code, step, 'rt-2'] as const),
      ].map(([...row]) => row),
    ),
  )('%s at %s: one whole token stays, the log says it, and it is written later', async (code, step, found) => {
    await tokensOf().write(k1, tokenOf(1));
    const { fileSystem, heal } = failing(step, code);
    const files = tokensOf((path, text) => writeFileAtomic(path, text, { fileSystem }));
    const clock = new ManualClock();
    const shelf = new TokenShelf({ files, clock, random: seededRandom(1), log: keepingLog(lines) });
    await shelf.keep(k1, tokenOf(2));
    expect([await keptRefresh(), shelf.unwritten, await names()]).toEqual([found, 1, ['k1.json']]);
    expect(lines.filter((line) => line.includes('in memory alone') && line.includes(code))).toHaveLength(1);
    expect(lines.join('\n')).not.toMatch(/[ar]t-\d/);
    heal();
    clock.advance(2_000);
    await shelf.stop();
    await settle();
    expect([await keptRefresh(), shelf.unwritten]).toEqual(['rt-2', 0]);
  });
});
