import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { checkBackup } from '../../../node/store/check-backup.ts';
import { freshFolder } from '../../cluster/folder.ts';

const folder = freshFolder();

it('a sound database passes, and nothing appears beside it', () => {
  const path = join(folder(), 'sound.sqlite');
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a)');
  database.close();
  expect(() => checkBackup(path)).not.toThrow();
  expect(readdirSync(folder())).toEqual(['sound.sqlite']);
});

it.each([
  ['is no database', 'no database at all, but long enough for a header of one: '.repeat(100)],
  ['was cut off', undefined],
])('one that %s is refused', (_, content) => {
  const path = join(folder(), 'broken.sqlite');
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE t (a); INSERT INTO t SELECT hex(randomblob(4000))');
  const whole = database.serialize();
  database.close();
  writeFileSync(path, content ?? whole.subarray(0, whole.length - 4_096));
  expect(() => checkBackup(path)).toThrow(expect.objectContaining({ code: 'backup_damaged' }));
});
