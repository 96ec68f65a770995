import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AesSealer } from '../../../cluster/secret/aes-sealer.ts';
import { ClusterSecret, resolveClusterSecret } from '../../../cluster/secret/cluster-secret.ts';
import { isLoopback } from '../../../cluster/secret/loopback.ts';
import { keepOwnSealKey, readOwnSealKey } from '../../../cluster/secret/own-seal-key.ts';
import { secretWeakness } from '../../../cluster/secret/secret-strength.ts';
import { silentLog, type Log } from '../../../kit/log.ts';
import { Secret } from '../../../kit/secret.ts';
import { freshFolder } from '../folder.ts';

const folder = freshFolder();
const made = () => randomBytes(32).toString('hex');
const plain = new TextEncoder().encode('a refresh token');

describe('the cluster secret', () => {
  const infos: string[] = [];
  const log: Log = { ...silentLog, info: (message) => infos.push(message) };
  const resolve = (addresses: string[], secret?: string) =>
    resolveClusterSecret({
      secret: secret === undefined ? undefined : new Secret(secret),
      addresses,
      dataDir: folder(),
      log,
    });

  test('is the one that was given', async () => {
    const secret = made();
    const resolved = await resolve(['10.0.0.1:3000'], secret);
    expect(resolved.prologue()).toEqual(new ClusterSecret(new Secret(secret)).prologue());
    await expect(stat(join(folder(), 'cluster-secret'))).rejects.toThrow('ENOENT');
  });

  test('is needed beyond this machine', async () => {
    await expect(resolve(['127.0.0.1:3000', '10.0.0.1:3000'])).rejects.toMatchObject({
      code: 'cluster_secret_missing',
      field: 'cluster.secret',
      message: expect.stringMatching(/10\.0\.0\.1:3000.*cluster\.secret.*--cluster-secret-file.*openssl rand -hex 32/),
    });
  });

  test('is made once on this machine, for its owner alone, and said without being shown', async () => {
    infos.length = 0;
    const all = await Promise.all(Array.from({ length: 3 }, () => resolve(['127.0.0.1:3000', 'localhost:3001'])));
    for (const each of all) expect(each.prologue()).toEqual(all[0]?.prologue());
    const path = join(folder(), 'cluster-secret');
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
    const text = (await readFile(path, 'utf8')).trim();
    expect(text).toMatch(/^[0-9a-f]{64}$/);
    expect(infos).toHaveLength(3);
    expect(infos.filter((info) => info.includes('was made'))).toHaveLength(1);
    for (const info of infos) {
      expect(info).toContain(path);
      expect(info).not.toContain(text);
    }
  });

  test.each([
    'short',
    'x'.repeat(64),
    'passwordpassword',
    '1234567890123456',
    'abcdefghijklmnop',
    '0123456789abcdef',
    'aaaaaaaaaaaaaaab',
    'abababababababababab',
  ])('is not %j, and the refusal does not repeat it', async (weak) => {
    const refusal = resolve(['127.0.0.1'], weak);
    await expect(refusal).rejects.toMatchObject({
      code: 'cluster_secret_weak',
      message: expect.stringMatching(/cluster\.secret.*openssl rand -hex 32/),
    });
    await expect(refusal).rejects.not.toMatchObject({ message: expect.stringContaining(weak) });
  });

  test('may be anything random of 16 characters or more', () => {
    const encodings = fc.constantFrom('hex', 'base64', 'base64url');
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 48 }), encodings, (length, encoding) => {
        expect(secretWeakness(randomBytes(length).toString(encoding as 'hex'))).toBeUndefined();
      }),
    );
    for (let round = 0; round < 200; round++) expect(secretWeakness(randomBytes(8).toString('hex'))).toBeUndefined();
  });

  test('is refused from a file that holds none, and from one that cannot be read', async () => {
    const path = join(folder(), 'cluster-secret');
    await writeFile(path, 'short\n');
    const expected = { code: 'cluster_secret_unusable', message: expect.stringContaining(path) };
    await expect(resolve(['::1'])).rejects.toMatchObject(expected);
    await rm(path);
    await mkdir(path);
    await expect(resolve(['::1'])).rejects.toMatchObject(expected);
  });

  test('gives each use its own key', () => {
    const secret = new ClusterSecret(new Secret(made()));
    const other = new ClusterSecret(new Secret(made()));
    expect(secret.prologue()).toHaveLength(32);
    expect(secret.prologue()).not.toEqual(other.prologue());
    const sealed = new AesSealer(secret.prologue()).seal('token', plain);
    expect(secret.sealer().open('token', sealed)).toBeUndefined();
  });
});

describe('what is of this machine', () => {
  test.each([
    [
      '127.0.0.1',
      '127.9.9.9:3000',
      'localhost',
      'LOCALHOST:80',
      'node1.localhost:80',
      '::1',
      '[::1]:3000',
      'localhost.',
    ],
    [
      '/ip4/127.0.0.1/tcp/13000',
      '/ip6/::1/tcp/1/p2p/12D3',
      '/dns/localhost/tcp/1',
      '::ffff:127.0.0.1',
      '[::ffff:7f00:1]:1',
    ],
  ])('is seen (%#)', (...addresses) => {
    for (const address of addresses) expect(isLoopback(address), address).toBe(true);
  });

  test.each([
    ['0.0.0.0', '::', '10.0.0.1:3000', '128.0.0.1', 'localhost.example.com', 'example.com:80', '[::2]:80', ''],
    [
      '/ip4/10.0.0.1/tcp/1',
      '/dns4/example.com/tcp/1',
      '/unix/x',
      '127.0.0.1.example.com',
      'notlocalhost',
      '::ffff:10.0.0.1',
    ],
  ])('is not mistaken for others (%#)', (...addresses) => {
    for (const address of addresses) expect(isLoopback(address), address).toBe(false);
  });
});

describe('a sealer', () => {
  const sealer = () => new ClusterSecret(new Secret('m'.repeat(3) + made())).sealer();

  test('opens what it sealed, for the purpose for which it was sealed', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array({ maxLength: 300 }), (purpose, bytes) => {
        const one = sealer();
        const sealed = one.seal(purpose, bytes);
        expect(one.open(purpose, sealed)).toEqual(bytes);
        expect(one.open(`${purpose}x`, sealed)).toBeUndefined();
        expect(sealer().open(purpose, sealed)).toBeUndefined();
        expect(one.seal(purpose, bytes)).not.toEqual(sealed);
      }),
    );
  });

  test('opens nothing that was altered, cut or made up', () => {
    const one = sealer();
    const sealed = one.seal('token', plain);
    for (let index = 0; index < sealed.length; index++) {
      const altered = sealed.slice();
      altered[index] = (altered[index] ?? 0) ^ 1;
      expect(one.open('token', altered)).toBeUndefined();
      expect(one.open('token', sealed.subarray(0, index))).toBeUndefined();
    }
    fc.assert(fc.property(fc.uint8Array(), (garbage) => one.open('token', garbage) === undefined));
  });

  test('opens what a node sealed while it was alone, once it has joined', async () => {
    expect(await readOwnSealKey(folder())).toBeUndefined();
    const key = await keepOwnSealKey(folder());
    const sealed = new AesSealer(key).seal('token', plain);
    expect(await keepOwnSealKey(folder())).toEqual(key);
    const kept = (await readOwnSealKey(folder())) ?? new Uint8Array();
    const joined = new ClusterSecret(new Secret(made()));
    expect(joined.sealer([kept]).open('token', sealed)).toEqual(plain);
    expect(joined.sealer().open('token', sealed)).toBeUndefined();
  });

  test('has no key in a file that holds something else', async () => {
    await writeFile(join(folder(), 'seal-key'), 'nothing');
    for (const read of [keepOwnSealKey, readOwnSealKey]) {
      await expect(read(folder())).rejects.toMatchObject({
        code: 'cluster_secret_unusable',
        message: expect.not.stringContaining('nothing'),
      });
    }
  });
});

describe('a proof', () => {
  test('holds for one pair, one direction and one secret', () => {
    const secret = made();
    const proof = new ClusterSecret(new Secret(secret)).proof();
    const shown = proof.make('alice', 'bob');
    expect(new ClusterSecret(new Secret(secret)).proof().check('alice', 'bob', shown)).toBe(true);
    expect(new ClusterSecret(new Secret(made())).proof().check('alice', 'bob', shown)).toBe(false);
    expect(proof.check('bob', 'alice', shown)).toBe(false);
    expect(proof.check('alic', 'ebob', shown)).toBe(false);
    expect(proof.check('alice', 'bob', shown.slice(1))).toBe(false);
    expect(proof.check('alice', 'bob', '')).toBe(false);
  });
});
