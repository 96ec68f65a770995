import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LatestFile } from '../../cluster/latest-file.ts';
import { freshFolder } from './folder.ts';

const folder = freshFolder();

it('is settled once all that was asked for is on disk, and then nothing more comes', async () => {
  let content = 0;
  const file = new LatestFile(join(folder(), 'file'), () => `${++content}`);
  await file.settled();
  const told: unknown[] = [];
  for (let save = 0; save < 3; save++) file.save((error) => told.push(error));
  await file.settled();
  expect(told).toEqual([undefined, undefined, undefined]);
  expect([await readdir(folder()), await readFile(file.path, 'utf8')]).toEqual([['file'], '2']);
});

it('is settled also where nothing can be written, and tries again when asked', async () => {
  const file = new LatestFile(join(folder(), 'file', 'below'), () => 'x');
  const blocker = new LatestFile(join(folder(), 'file'), () => 'a file and no folder');
  blocker.save(() => undefined);
  await blocker.settled();
  const told: unknown[] = [];
  file.save((error) => told.push(error));
  await file.settled();
  file.save((error) => told.push(error));
  await file.settled();
  expect(told).toEqual([expect.any(Error), expect.any(Error)]);
});
