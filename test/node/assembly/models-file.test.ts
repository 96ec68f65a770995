import { chmod, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog, type Log } from '../../../kit/log.ts';
import { ModelsFile } from '../../../node/assembly/models-file.ts';

let folder: string;
let path: string;
let warnings: string[];
let log: Log;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aiproxy-models-'));
  path = join(folder, 'multi_config.conf');
  warnings = [];
  log = { ...silentLog, warn: (message) => void warnings.push(message) };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const grok = [{ id: 'xai.grok-4', aliases: ['grok-4'] }];
const both = [...grok, { id: 'xai.grok-3', aliases: ['grok-3'] }, { id: 'plain' }];

describe('names of models in the configuration file', () => {
  it('are added, and the file keeps its mode and its other bytes, of whatever encoding', async () => {
    const head = Buffer.from([0xef, 0xbb, 0xbf, ...Buffer.from('[MODELS]\r\ngrok-4 = mine ; '), 0xe9, 0xff, 13, 10]);
    const tail = Buffer.from('\r\n[GLOBAL]\r\nqueue_size = 5\r\n');
    await writeFile(path, Buffer.concat([head, tail]));
    await chmod(path, 0o640);
    await new ModelsFile(path, log).keep(both);
    const added = Buffer.from('grok-3 = xai.grok-3\r\n');
    expect((await readFile(path)).equals(Buffer.concat([head, added, tail]))).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
  });

  it('of several accounts that answer together are all there', async () => {
    await writeFile(path, '[MODELS]\n');
    const file = new ModelsFile(path, log);
    await Promise.all([file.keep(grok), file.keep(both)]);
    expect(await readFile(path, 'utf8')).toBe('[MODELS]\ngrok-3 = xai.grok-3\ngrok-4 = xai.grok-4\n');
  });

  it('go to the file behind a link', async () => {
    const target = join(folder, 'real.conf');
    await writeFile(target, '[MODELS]\n');
    await symlink(target, path);
    await new ModelsFile(path, log).keep(grok);
    expect(await readFile(target, 'utf8')).toBe('[MODELS]\ngrok-4 = xai.grok-4\n');
  });

  it('leave a YAML file alone', async () => {
    await writeFile(path, 'port: 1\n');
    await new ModelsFile(path, log).keep(grok);
    expect(await readFile(path, 'utf8')).toBe('port: 1\n');
    expect(warnings).toEqual([]);
  });

  it('are warned of once where the file is read-only, and again after it was not', async () => {
    await writeFile(path, '[MODELS]\n');
    await chmod(path, 0o444);
    const file = new ModelsFile(path, log);
    await file.keep(grok);
    await file.keep(grok);
    expect(warnings).toEqual([expect.stringMatching(/cannot be written to .*: (?:it is read-only|EACCES)$/)]);
    expect(await readFile(path, 'utf8')).toBe('[MODELS]\n');
    await chmod(path, 0o644);
    await file.keep(grok);
    await rename(path, `${path}.away`);
    await file.keep(both);
    expect(warnings).toHaveLength(2);
    expect(warnings[1]).toContain('ENOENT');
  });

  it('change nothing where none is new', async () => {
    await writeFile(path, '[MODELS]\ngrok-4 = x\n');
    const before = await stat(path);
    const file = new ModelsFile(path, log);
    await file.keep(grok);
    await file.keep([{ id: 'no-alias' }]);
    expect((await stat(path)).ino).toBe(before.ino);
  });
});
