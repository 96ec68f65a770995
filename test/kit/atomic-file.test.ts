import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileAtomic, writeFileAtomic } from '../../kit/atomic-file.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aiproxy-atomic-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('writeFileAtomic', () => {
  it('writes 0600 in folders of 0700 that it makes, and leaves nothing beside', async () => {
    const path = join(folder, 'a', 'b', 'token.json');
    await writeFileAtomic(path, 'one');
    expect(await readFile(path, 'utf8')).toBe('one');
    expect(await modeOf(path)).toBe(0o600);
    expect(await modeOf(join(folder, 'a'))).toBe(0o700);
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['token.json']);
  });

  it('narrows the mode of a file that was open to all', async () => {
    const path = join(folder, 'key');
    await writeFile(path, 'old');
    await chmod(path, 0o644);
    await writeFileAtomic(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await modeOf(path)).toBe(0o600);
  });

  it('follows a symbolic link and keeps it', async () => {
    await writeFile(join(folder, 'real'), 'old');
    await symlink(join(folder, 'real'), join(folder, 'link'));
    await writeFileAtomic(join(folder, 'link'), 'new', { mode: 0o640 });
    expect(await readFile(join(folder, 'real'), 'utf8')).toBe('new');
    expect(await modeOf(join(folder, 'real'))).toBe(0o640);
    expect((await readdir(folder)).toSorted()).toEqual(['link', 'real']);
  });

  it('leaves the old content and no temporary file when it fails', async () => {
    const path = join(folder, 'folder-here');
    await writeFileAtomic(join(path, 'x'), 'kept');
    await expect(writeFileAtomic(path, 'y')).rejects.toMatchObject({
      code: expect.stringMatching(/EISDIR|ENOTEMPTY|EEXIST/),
    });
    expect(await readdir(folder)).toEqual(['folder-here']);
    expect(await readFile(join(path, 'x'), 'utf8')).toBe('kept');
  });

  it('gives a reader one whole content or the other, with many writers', async () => {
    const path = join(folder, 'shared');
    const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(20_000));
    await writeFileAtomic(path, contents[0] ?? '');
    const reads: string[] = [];
    await Promise.all(
      contents.map(async (content) => {
        await writeFileAtomic(path, content);
        reads.push(await readFile(path, 'utf8'));
      }),
    );
    expect(reads.every((text) => contents.includes(text))).toBe(true);
    expect(await readdir(folder)).toEqual(['shared']);
  });
});

describe('createFileAtomic', () => {
  it('lets the first of many writers win', async () => {
    const path = join(folder, 'api-key');
    const won = await Promise.all(Array.from({ length: 10 }, (_, index) => createFileAtomic(path, `key-${index}`)));
    const winner = won.indexOf(true);
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await readFile(path, 'utf8')).toBe(`key-${winner}`);
    expect(await readdir(folder)).toEqual(['api-key']);
    expect(await modeOf(path)).toBe(0o600);
  });
});
