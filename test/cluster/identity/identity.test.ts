import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { IncarnationFile } from '../../../cluster/identity/incarnation-file.ts';
import { keepNodeKey } from '../../../cluster/identity/node-key.ts';
import { silentLog } from '../../../kit/log.ts';
import { ManualClock } from '../../manual-clock.ts';
import { freshFolder } from '../folder.ts';

const folder = freshFolder();
const modeOf = async (name: string) => ((await stat(join(folder(), name))).mode & 0o777).toString(8);

describe('the key of a node', () => {
  test('is made once and kept for its owner alone', async () => {
    const key = await keepNodeKey(folder());
    expect(key).toHaveLength(64);
    expect(await keepNodeKey(folder())).toEqual(key);
    expect(await modeOf('node-key.pem')).toBe('600');
  });

  test('is the same for all that start at once', async () => {
    const keys = await Promise.all(Array.from({ length: 5 }, () => keepNodeKey(folder())));
    for (const key of keys) expect(key).toEqual(keys[0]);
  });

  test.each([
    ['', 'nothing'],
    ['-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', 'a broken key'],
  ])('is refused where the file holds something else (%#)', async (text) => {
    const path = join(folder(), 'node-key.pem');
    await writeFile(path, text);
    await expect(keepNodeKey(folder())).rejects.toMatchObject({
      code: 'identity_unusable',
      source: 'config',
      message: expect.stringContaining(path),
    });
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('is refused where the file cannot be read or written', async () => {
    await mkdir(join(folder(), 'node-key.pem'));
    await expect(keepNodeKey(folder())).rejects.toMatchObject({
      code: 'identity_unusable',
      message: expect.stringMatching(/node-key\.pem: cannot be read \(EISDIR\)/),
    });
    await writeFile(join(folder(), 'a-file'), '');
    await expect(keepNodeKey(join(folder(), 'a-file', 'x'))).rejects.toMatchObject({ code: 'identity_unusable' });
  });
});

describe('the incarnation of a node', () => {
  const open = (clock: ManualClock) => IncarnationFile.open(folder(), clock, silentLog);
  const kept = async () => Number(await readFile(join(folder(), 'incarnation'), 'utf8'));

  test('begins with the wall clock and is on disk before it is used', async () => {
    const clock = new ManualClock(5000);
    expect((await open(clock)).first).toBe(5000);
    expect(await kept()).toBe(5000);
    expect(await modeOf('incarnation')).toBe('600');
  });

  test('rises with every start, also when the wall clock goes back', async () => {
    const clock = new ManualClock(5000);
    await open(clock);
    expect((await open(clock)).first).toBe(5001);
    clock.jumpWall(-3000);
    expect((await open(clock)).first).toBe(5002);
    clock.jumpWall(10_000);
    expect((await open(clock)).first).toBe(12_000);
  });

  test('is kept when it is raised, the highest last', async () => {
    const file = await open(new ManualClock(5000));
    for (const incarnation of [5003, 5001, 5010, 5007]) file.raise(incarnation);
    await file.settled();
    expect(await kept()).toBe(5010);
    expect((await open(new ManualClock(5000))).first).toBe(5011);
  });

  test.each(['', 'x', '-1', '1e3', '99999999999999999', '9007199254740991'])('is not read from %j', async (text) => {
    await writeFile(join(folder(), 'incarnation'), text);
    await expect(open(new ManualClock(5000))).rejects.toMatchObject({
      code: 'identity_unusable',
      message: expect.stringContaining(join(folder(), 'incarnation')),
    });
  });

  test('that cannot be written does not end the node', async () => {
    const errors: string[] = [];
    const file = await IncarnationFile.open(folder(), new ManualClock(5000), {
      ...silentLog,
      error: (message) => errors.push(message),
    });
    await rm(folder(), { recursive: true });
    await writeFile(folder(), '');
    file.raise(6000);
    await file.settled();
    expect(errors).toEqual([expect.stringContaining('cannot be kept')]);
    await expect(open(new ManualClock(5000))).rejects.toMatchObject({ code: 'identity_unusable' });
  });
});
