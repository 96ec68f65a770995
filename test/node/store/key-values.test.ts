import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readKeyValues } from '../../../node/store/key-values.ts';

let folder = '';
let path = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aiproxy-key-values-'));
  path = join(folder, 'data.sqlite3');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function make(journal: 'WAL' | 'DELETE'): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = ${journal}; CREATE TABLE auth_kv (key TEXT PRIMARY KEY, value TEXT)`);
  const insert = database.prepare('INSERT INTO auth_kv VALUES (?, ?)');
  insert.run('one', '{"a":1}');
  insert.run('two', 'zwei');
  insert.run('long', 'x'.repeat(1_048_577));
  insert.run('bytes', Buffer.from('as bytes'));
  insert.run('none', null);
  return database;
}

test.each(['WAL', 'DELETE'] as const)(
  'reads the keys that are there, in %s mode, also while another has it open',
  (mode) => {
    const database = make(mode);
    const keys = ['one', 'bytes', 'absent', 'none', 'long'];
    const expected = new Map([
      ['one', '{"a":1}'],
      ['bytes', 'as bytes'],
    ]);
    expect(readKeyValues(path, 'auth_kv', keys)).toEqual(expected);
    database.prepare('UPDATE auth_kv SET value = ? WHERE key = ?').run('changed', 'one');
    expect(readKeyValues(path, 'auth_kv', ['one']).get('one')).toBe('changed');
    database.close();
    expect(readKeyValues(path, 'auth_kv', ['one']).get('one')).toBe('changed');
  },
);

test('changes nothing of the file', async () => {
  make('DELETE').close();
  await chmod(path, 0o400);
  expect(readKeyValues(path, 'auth_kv', ['two']).get('two')).toBe('zwei');
});

test('throws for a table that is not there, for no database, and for no name of a table', async () => {
  make('DELETE').close();
  expect(() => readKeyValues(path, 'other', ['one'])).toThrow(/no such table/);
  expect(() => readKeyValues(path, 'a"; DROP TABLE auth_kv; --', ['one'])).toThrow(TypeError);
  await writeFile(path, 'this is text and no database '.repeat(100));
  expect(() => readKeyValues(path, 'auth_kv', ['one'])).toThrow(/not a database/);
  expect(() => readKeyValues(join(folder, 'absent'), 'auth_kv', ['one'])).toThrow();
});
