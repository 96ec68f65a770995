import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeFileAtomic } from '../../../kit/atomic-file.ts';
import { silentLog } from '../../../kit/log.ts';
import { seededRandom } from '../../../kit/random.ts';
import { Secret } from '../../../kit/secret.ts';
import type { CredentialFiles } from '../../../node/providers/contract.ts';
import { providers } from '../../../node/providers/registry.ts';
import type { HeldToken } from '../../../node/tokens/contract.ts';
import { decodeTokenFile, encodeTokenFile } from '../../../node/tokens/token-file.ts';
import { fileNameOf, TokenFolder } from '../../../node/tokens/token-folder.ts';
import { TokenShelf } from '../../../node/tokens/token-shelf.ts';
import { ManualClock } from '../../manual-clock.ts';
import { keepingLog } from './token-node.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aiproxy-tokens-'));
});
afterEach(async () => {
  await chmod(join(folder, 'tokens'), 0o700).catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
});

const token: HeldToken = {
  access: new Secret('at-1'),
  refresh: new Secret('rt-1'),
  expiresAtMs: 1_900_000_000_000,
  lifetimeMs: 3_600_000,
  extras: { profile_arn: 'arn:x' },
  roots: ['a'.repeat(64)],
  issuedAtMs: 1_899_996_400_000,
  fence: { term: 3, sequence: 7 },
  clusterId: 'c1',
  refreshedBy: 'node2',
};
const q1 = { accountId: 'q1', homeFolder: '.amazonq_token_cache' };
const k1 = { accountId: 'k1', homeFolder: undefined };

/** As long as the real ones: shorter ones pass for copies that lost their end. */
const long = 'r'.repeat(120);

const noFiles: CredentialFiles = {
  home: '/nowhere',
  read: () => '',
  readIfThere: () => undefined,
  readKeyValues: () => new Map(),
};

function place(): TokenFolder {
  return new TokenFolder({ dataDir: folder, home: join(folder, 'home'), log: silentLog });
}

function plain(held: HeldToken | undefined): unknown {
  return held && { ...held, access: held.access?.reveal(), refresh: held.refresh.reveal() };
}

describe('a token file', () => {
  test("of Amazon Q lies in the home folder with that proxy's fields, 0600 in a folder of 0700", async () => {
    await place().write(q1, token);
    const path = join(folder, 'home/.amazonq_token_cache/q1.json');
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
      access_token: 'at-1',
      refresh_token: 'rt-1',
      expires_at: new Date(token.expiresAtMs).toISOString(),
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700);
    expect(plain(await place().read(q1))).toEqual(plain(token));
  });

  test('of another provider lies in the data folder, and leaves no other file behind', async () => {
    await place().write(k1, token);
    expect(await readdir(join(folder, 'tokens'))).toEqual(['k1.json']);
  });

  test.each([
    ['amazonq', { refresh_token: long, client_id: 'c', client_secret: 's' }, 'home/.amazonq_token_cache/one.json'],
    ['kiro-api', { refresh_token: long }, 'tokens/one.json'],
    ['qwen-api', { refresh_token: long }, 'tokens/one.json'],
    ['gemini-cli', { refresh_token: long, client_secret: 's' }, 'tokens/one.json'],
  ])('of %s lies where people look for it, 0600', async (id, credential, where) => {
    const provider = [...providers.values()].find((each) => each.id === id)!;
    const account = { id: 'one', provider: provider.id, ...provider.credential.parse(credential) };
    const login = provider.login!(account, noFiles)!;
    await place().write({ accountId: 'one', homeFolder: login.homeFolder }, token);
    expect((await stat(join(folder, where))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, where, '..'))).mode & 0o777).toBe(0o700);
  });

  test('that the Amazon Q proxy wrote is read: three fields, the time as seconds or as text', () => {
    for (const expires_at of [1_900_000_000, '2030-03-17T17:46:40Z']) {
      const text = JSON.stringify({ access_token: 'at', refresh_token: 'rt', expires_at });
      expect(plain(decodeTokenFile('q1', text))).toMatchObject({
        access: 'at',
        refresh: 'rt',
        expiresAtMs: 1_900_000_000_000,
        roots: [],
        fence: undefined,
      });
    }
  });

  test('of another account, or of anything else, is not taken', () => {
    expect(decodeTokenFile('q2', encodeTokenFile('q1', token))).toBeUndefined();
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => decodeTokenFile('q1', text) === undefined));
  });

  test('that is newer, of another node on this machine, stays', async () => {
    await place().write(k1, token);
    await place().write(k1, { ...token, refresh: new Secret('rt-0'), fence: { term: 3, sequence: 6 } });
    expect((await place().read(k1))?.refresh.reveal()).toBe('rt-1');
    await place().write(k1, { ...token, refresh: new Secret('rt-2'), fence: { term: 4, sequence: 1 } });
    expect((await place().read(k1))?.refresh.reveal()).toBe('rt-2');
  });

  test('has a name that stays in its folder, whatever the account is called, and is its own', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(fileNameOf(one)).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,80}$/);
        return one === other || fileNameOf(one) !== fileNameOf(other);
      }),
    );
    expect(fileNameOf('../../etc/passwd')).not.toContain('/');
  });

  test('that is broken is passed over', async () => {
    await mkdir(join(folder, 'tokens'));
    await writeFile(join(folder, 'tokens/k1.json'), '{"access_token": "at');
    expect(await place().read(k1)).toBeUndefined();
  });
});

describe('a folder that takes nothing', () => {
  test('fails the write, keeps what was there, and is tried again until it takes the newest token', async () => {
    // A file in the place of the folder: root may write into a read-only one.
    await writeFile(join(folder, 'tokens'), '');
    const clock = new ManualClock();
    const lines: string[] = [];
    const shelf = new TokenShelf({ files: place(), clock, random: seededRandom(1), log: keepingLog(lines) });
    await shelf.keep(k1, token);
    await expect.poll(() => clock.pendingCount).toBe(1);
    await shelf.keep(k1, { ...token, refresh: new Secret('rt-2'), fence: { term: 3, sequence: 8 } });
    await expect.poll(() => clock.pendingCount).toBe(1);
    expect(shelf.unwritten).toBe(1);
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toMatch(/rt-|at-1/);
    await rm(join(folder, 'tokens'));
    clock.advance(120_000);
    await expect.poll(() => shelf.unwritten).toBe(0);
    expect((await place().read(k1))?.refresh.reveal()).toBe('rt-2');
  });

  test('for want of space leaves the old token whole', async () => {
    await place().write(k1, token);
    const full = new TokenFolder({
      dataDir: folder,
      home: folder,
      log: silentLog,
      write: async (path, text) => {
        await writeFileAtomic(`${path}.part`, text.slice(0, 10));
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      },
    });
    const next = { ...token, refresh: new Secret('rt-2'), fence: { term: 4, sequence: 1 } };
    await expect(full.write(k1, next)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect((await place().read(k1))?.refresh.reveal()).toBe('rt-1');
  });
});
