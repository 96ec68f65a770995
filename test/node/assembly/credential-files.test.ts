import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isFault } from '../../../kit/fault.ts';
import { type AccountFiles, CredentialFolders } from '../../../node/assembly/credential-files.ts';
import { linesLog } from './lines-log.ts';

let home = '';
let dataDir = '';
let log = linesLog();
let folders: CredentialFolders;
let files: AccountFiles;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'aiproxy-home-'));
  dataDir = join(home, 'data');
  await mkdir(dataDir);
  log = linesLog();
  folders = new CredentialFolders({ home, dataDir, log });
  files = folders.filesFor('work');
});

afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

async function put(name: string, text: string, mode = 0o600): Promise<string> {
  const path = join(home, name);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

/** Code, field and message of the Fault that it throws. */
function faultOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    if (isFault(error)) return [error.code, error.source, error.field, error.message];
    throw error;
  }
  return 'no fault';
}

const unusable = (field: string, path: string, what: string) => [
  'credential_file_unusable',
  'config',
  field,
  `${field}: ${path}: ${what}`,
];

describe('read', () => {
  it('gives the text, by an absolute path, one in the home folder, and one in the data folder', async () => {
    const path = await put('creds.json', '{"a":"ü"}');
    await writeFile(join(dataDir, 'near.json'), '\uFEFFnear', { mode: 0o600 });
    expect(files.read('creds_file', path)).toBe('{"a":"ü"}');
    expect(files.read('creds_file', '~/creds.json')).toBe('{"a":"ü"}');
    expect(files.read('creds_file', 'near.json')).toBe('near');
    expect([files.home, log.lines]).toEqual([home, []]);
  });

  it('follows a link', async () => {
    await put('creds.json', 'behind');
    await symlink(join(home, 'creds.json'), join(home, 'link'));
    expect(files.read('creds_file', '~/link')).toBe('behind');
  });

  it('names field and file of one that is missing, and is silent where it need not be there', () => {
    const path = join(home, 'absent', 'creds.json');
    expect(faultOf(() => files.read('creds_file', path))).toEqual(
      unusable('creds_file', path, 'there is no such file'),
    );
    expect(files.readIfThere('creds_file', path)).toBeUndefined();
  });

  it('takes 1 MB and no more', async () => {
    const most = 1024 * 1024;
    const path = await put('large', 'x'.repeat(most));
    expect(files.read('key_file', path)).toHaveLength(most);
    await writeFile(path, 'x'.repeat(most + 1));
    expect(faultOf(() => files.read('key_file', path))).toEqual(
      unusable('key_file', path, `it is larger than ${most} bytes`),
    );
  });

  it('refuses a folder, and a pipe without waiting for a writer', async () => {
    expect(faultOf(() => files.readIfThere('creds_file', home))).toEqual(
      unusable('creds_file', home, 'it is a folder'),
    );
    const pipe = join(home, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(faultOf(() => files.read('creds_file', pipe))).toEqual(unusable('creds_file', pipe, 'it is not a file'));
  });

  it('says of one that it may not read', async () => {
    const path = await put('closed', 'x', 0o000);
    await chmod(home, 0o755);
    const fault = asNobody(() => faultOf(() => files.read('creds_file', path)));
    expect(fault).toEqual(unusable('creds_file', path, 'it cannot be read (EACCES)'));
  });

  it('warns once of a file that others may read, whoever reads it', async () => {
    const path = await put('open.json', 'x', 0o644);
    for (const id of ['work', 'home']) {
      folders.filesFor(id).read('creds_file', path);
      folders.filesFor(id).read('creds_file', path);
    }
    expect(log.lines).toEqual([`warn ${path} holds credentials and is open to other users; chmod 600 closes it`]);
  });

  it('looks at no more than 32 files for one account', () => {
    for (let n = 0; n < 32; n++) files.readIfThere('creds_file', `~/${n}`);
    files.readIfThere('creds_file', '~/3');
    expect(faultOf(() => files.readIfThere('creds_file', '~/32'))).toEqual(
      unusable('creds_file', join(home, '32'), 'an account looks at 32 files at most'),
    );
  });
});

/** Root may read everything: then as the user that owns nothing. */
function asNobody<T>(act: () => T): T {
  if (process.getuid?.() !== 0) return act();
  process.seteuid?.(65_534);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
  }
}

describe('readKeyValues', () => {
  it('reads a table of an SQLite file, and names what is wrong with it', async () => {
    const path = join(home, 'data.sqlite3');
    expect(faultOf(() => files.readKeyValues('creds_file', path, 'auth_kv', ['k']))).toEqual(
      unusable('creds_file', path, 'there is no such file'),
    );
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE auth_kv (key TEXT, value TEXT); INSERT INTO auth_kv VALUES ('k', 'v')");
    database.close();
    expect(files.readKeyValues('creds_file', path, 'auth_kv', ['k', 'l'])).toEqual(new Map([['k', 'v']]));
    expect(faultOf(() => files.readKeyValues('creds_file', path, 'none', ['k']))).toEqual(
      unusable('creds_file', path, 'its table none cannot be read: no such table: none'),
    );
  });
});

describe('what was seen', () => {
  it('names every file, those that were not there too, and the journal of a database', async () => {
    const path = await put('creds.json', 'x');
    files.read('creds_file', path);
    files.readIfThere('creds_file', '~/other.json');
    const { marks } = files.seen;
    expect([...marks.keys()]).toEqual([path, join(home, 'other.json')]);
    expect([...marks.values()]).toEqual([expect.stringMatching(/^\d+:\d+:1:/), undefined]);
  });

  it('is the same content where only the time changed, and another where the text did', async () => {
    const path = await put('creds.json', 'one');
    files.read('creds_file', path);
    files.readIfThere('creds_file', '~/other.json');
    const { seen } = files;
    await utimes(path, 1, 1);
    expect(seen.again().marks).not.toEqual(seen.marks);
    expect(seen.again().digest).toBe(seen.digest);
    await put('other.json', 'came');
    const next = seen.again();
    expect(next.digest).not.toBe(seen.digest);
    await rm(path);
    expect(next.again().digest).not.toBe(next.digest);
  });

  it('is not changed by what is read later', async () => {
    const path = await put('creds.json', 'one');
    files.read('creds_file', path);
    const { seen } = files;
    files.readIfThere('creds_file', '~/later');
    expect(seen.marks.size).toBe(1);
    expect(seen.again().digest).toBe(seen.digest);
  });
});
