import { copyFile, mkdir, open, rm, stat, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { adminPassword, BackupRig, waiting } from './backup-rig.ts';

let rig: BackupRig;
beforeEach(async () => {
  rig = await BackupRig.start();
});
afterEach(() => rig.stop());

const records = 'nodes/lone/records.sqlite';
const usage = 'nodes/lone/usage.sqlite';
const annsPassword = 'correct horse 9';

/** Ann with a key of hers, and one request by it that has left its trace; the key. */
async function furnish(): Promise<{ key: string; id: string }> {
  const ann = await rig.call('POST', '/users', { username: 'ann', password: annsPassword, role: 'user' });
  expect(ann.status).toBe(201);
  const made = await rig.call('POST', '/keys', { name: 'k', user_id: ann.json['id'], requests_per_minute: 60 });
  const { key, id } = made.json as { key: string; id: string };
  await ask(key);
  await vi.waitFor(async () => expect(await traceCount(id)).toBe(1), waiting);
  return { key, id };
}

async function ask(key: string): Promise<void> {
  const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hello' }] };
  expect((await rig.call('POST', '/v1/chat/completions', body, key)).status).toBe(200);
}

async function traceCount(key: string): Promise<number> {
  const { json } = await rig.call('GET', `/traces?key=${key}`);
  return (json['traces'] as unknown[]).length;
}

/** A node on that folder has all that was furnished. */
async function expectFurnished(data: string, { key, id }: { key: string; id: string }): Promise<void> {
  await rig.start(data);
  expect((await rig.call('POST', '/auth/login', { username: 'ann', password: annsPassword }, '')).status).toBe(200);
  const login = await rig.call('POST', '/auth/login', { username: 'admin', password: adminPassword }, '');
  expect(login.status).toBe(200);
  expect(await traceCount(id)).toBe(1);
  await ask(key);
  await vi.waitFor(async () => expect(await traceCount(id)).toBe(2), waiting);
}

describe('aiproxy backup', () => {
  it('of a node that runs is a data folder on which a node starts with its users, keys and traces', async () => {
    await rig.start();
    const furnished = await furnish();
    const { code, out, err } = await rig.backUp(['copy', '--url', rig.url]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`lone, from ${rig.url}, into ${rig.path('copy')}`);
    const { size } = await stat(rig.path(`copy/${usage}`));
    expect(out).toMatch(new RegExp(`${usage} +${size}`));
    expect(await rig.files('copy')).toEqual({ [records]: '600', [usage]: '600', 'nodes/lone/seal-key': '600' });
    expect((await stat(rig.path('copy'))).mode & 0o777).toBe(0o700);
    await rig.stopNode();
    await expectFurnished('copy', furnished);
  });

  it('has the sessions too: who is logged in stays so', async () => {
    await rig.start();
    const login = await rig.call('POST', '/auth/login', { username: 'admin', password: adminPassword }, '');
    await rig.backUp(['copy', '--url', rig.url]);
    await rig.stopNode();
    await rig.start('copy');
    const token = String(login.json['access_token']);
    expect((await rig.call('GET', '/auth/me', undefined, token)).status).toBe(200);
  });

  it('without a node copies its folder', async () => {
    await rig.start();
    const furnished = await furnish();
    await rig.stopNode();
    const { code, out } = await rig.backUp(['copy', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      folder: rig.path('copy'),
      node: 'lone',
      source: rig.path('data/nodes/lone'),
      files: [
        { file: records, bytes: expect.any(Number) },
        { file: usage, bytes: expect.any(Number) },
        { file: 'nodes/lone/seal-key', bytes: 65 },
      ],
      has_usage: true,
      has_keys: true,
    });
    await expectFurnished('copy', furnished);
  });

  it('takes what a killed node has left in its journals', async () => {
    await rig.start();
    const furnished = await furnish();
    // What a kill leaves: the files as they are on the disk at one moment.
    await mkdir(rig.path('killed/nodes/lone'), { recursive: true });
    for (const file of [records, usage]) {
      for (const suffix of ['', '-wal']) {
        await copyFile(rig.path(`data/${file}${suffix}`), rig.path(`killed/${file}${suffix}`));
      }
    }
    await copyFile(rig.path('data/nodes/lone/seal-key'), rig.path('killed/nodes/lone/seal-key'));
    await rig.stopNode();
    await rig.configure('killed');
    expect(await rig.backUp(['copy'])).toMatchObject({ code: 0 });
    await expectFurnished('copy', furnished);
  });

  it('never takes the place of anything', async () => {
    await rig.start();
    await writeFile(rig.path('file'), 'mine');
    await mkdir(rig.path('full'));
    await writeFile(rig.path('full/file'), 'mine');
    await mkdir(rig.path('empty'));
    for (const taken of ['file', 'full']) {
      const { code, err } = await rig.backUp([taken, '--url', rig.url]);
      expect([code, err]).toEqual([1, expect.stringContaining('name a new folder')]);
    }
    expect(await rig.files('full')).toEqual({ file: '644' });
    expect(await rig.backUp(['empty', '--url', rig.url])).toMatchObject({ code: 0 });
  });

  it('is for those alone who may do everything, and leaves nothing where it is refused', async () => {
    await rig.start();
    const { json } = await rig.call('POST', '/keys', { name: 'o', role: 'operator' });
    const { code, err } = await rig.backUp(['copy', '--url', rig.url, '--api-key', String(json['key'])]);
    expect([code, err]).toEqual([4, expect.stringContaining('needs the permission')]);
    expect(Object.keys(await rig.files('.')).filter((file) => file.includes('copy'))).toEqual([]);
  });

  it('of a node elsewhere has no keys, and says so', async () => {
    await rig.start();
    await rig.configure('elsewhere');
    const { code, err } = await rig.backUp(['copy', '--url', rig.url]);
    expect([code, err]).toEqual([0, expect.stringContaining('without the keys of lone')]);
    expect(await rig.files('copy')).toEqual({ [records]: '600', [usage]: '600' });
  });

  it('does not copy behind the back of a node that it cannot reach', async () => {
    await rig.start();
    const { code, err } = await rig.backUp(['copy']);
    expect([code, err]).toEqual([2, expect.stringContaining('Another process has')]);
    await rig.stopNode();
    await rm(rig.path('data'), { recursive: true });
    const nothing = await rig.backUp(['copy']);
    expect([nothing.code, nothing.err]).toEqual([2, expect.stringContaining('holds no records')]);
    expect(await rig.backUp([])).toMatchObject({ code: 2 });
    expect(await rig.backUp(['copy', '--url', 'http://127.0.0.1:1'])).toMatchObject({ code: 3 });
  });

  it('finds out that what it copied is damaged', async () => {
    await rig.start();
    await rig.stopNode();
    await damage(rig.path(`data/${records}`));
    const { code, err } = await rig.backUp(['copy']);
    expect([code, err]).toEqual([1, expect.stringContaining('records.sqlite')]);
    expect(Object.keys(await rig.files('.')).filter((file) => file.includes('copy'))).toEqual([]);
  });
});

/** Turns the pages after the first to something else. */
async function damage(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  const { size } = await handle.stat();
  await handle.write(Buffer.alloc(size - 4096, 0x5a), 0, size - 4096, 4096);
  await handle.close();
}
