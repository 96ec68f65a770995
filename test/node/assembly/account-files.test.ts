import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import { loneMesh } from './mesh/lone-mesh.ts';
import { configured, keeperRig, type KeeperRig } from './keeper-rig.ts';

let home = '';
let path = '';
let rig: KeeperRig;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'aiproxy-account-files-'));
  path = join(home, 'creds.json');
  rig = keeperRig(systemClock, loneMesh(systemClock).records, home);
});

afterEach(async () => {
  rig.keeper.stop();
  await rm(home, { recursive: true, force: true });
});

const account = () => configured('a', { api_key: undefined, creds_file: path });

async function put(text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
}

function reason(): string | undefined {
  return rig.accounts.get('a')?.unavailableReason;
}

test('a provider gets the whole environment', async () => {
  await put('one');
  rig.keeper.load([account()]);
  const [opened] = rig.opened;
  expect(opened).toMatchObject({ id: 'a', text: 'one', environment: { defaultMaxTokens: 4000, clock: systemClock } });
  expect(Object.keys(opened?.environment ?? {}).toSorted()).toEqual(
    ['ask', 'clock', 'defaultMaxTokens', 'files', 'log', 'notes', 'random'].toSorted(),
  );
});

test('an account without its file is there and serves nothing, which one line says; the file is waited for', async () => {
  rig.keeper.load([account(), configured('b')]);
  rig.keeper.start();
  const missing = `creds_file: ${path}: there is no such file`;
  expect([reason(), rig.accounts.get('a')?.upstream]).toEqual([missing, undefined]);
  expect(rig.log.lines).toEqual([`warn account a cannot serve: ${missing}`]);
  expect(rig.accounts.get('b')?.upstream).toBeDefined();
  await put('came');
  await expect.poll(reason, { timeout: 15_000 }).toBeUndefined();
  expect(rig.opened.at(-1)?.text).toBe('came');
  await rm(path);
  await expect.poll(reason, { timeout: 15_000 }).toBe(missing);
}, 40_000);

test('a login that changes in its file is told to the tokens, and lifts what the upstream said of the former', async () => {
  await put('refresh:1');
  rig.keeper.load([account()]);
  rig.keeper.start();
  expect([rig.logins, rig.opened.at(-1)?.environment.token?.current()]).toEqual([['refresh:1'], 'access']);
  const nowMs = systemClock.nowMs();
  rig.accounts.get('a')?.begin(nowMs, 'm')?.fail(nowMs, protocolFaults.upstream_account_suspended('suspended'));
  expect(reason()).toBe('suspended');
  await put('refresh:2');
  await expect.poll(reason, { timeout: 15_000 }).toBeUndefined();
  expect([rig.logins, rig.accounts.get('a')?.enabled]).toEqual([['refresh:1', 'refresh:2'], true]);
  await expect.poll(() => rig.changes.account('a')).toBeUndefined();
}, 30_000);

test('a person’s own disabling is not lifted by the file', async () => {
  await put('one');
  rig.keeper.load([account()]);
  rig.keeper.start();
  rig.keeper.change('a', { enabled: false });
  await put('two!');
  await expect.poll(() => rig.opened.at(-1)?.text, { timeout: 15_000 }).toBe('two!');
  expect(rig.accounts.get('a')?.enabled).toBe(false);
}, 30_000);

test('a file that was only touched loads nothing again', async () => {
  await put('one');
  rig.keeper.load([account()]);
  rig.keeper.start();
  await put('one');
  await chmod(path, 0o644);
  // It is looked at again when it is read: the warning tells that it was.
  await expect.poll(() => rig.log.lines.length, { timeout: 15_000 }).toBe(1);
  expect([rig.opened.length, rig.log.lines[0]]).toEqual([1, expect.stringContaining('open to other users')]);
}, 30_000);

test('notes are the account’s own, and end with it', async () => {
  await put('one');
  rig.keeper.load([account(), configured('b')]);
  const [a, b] = rig.opened.map(({ environment }) => environment.notes);
  a?.set('project', 'p');
  rig.keeper.change('a', { weight: 3 });
  expect([rig.opened.at(-1)?.environment.notes.get('project'), b?.get('project')]).toEqual(['p', undefined]);
  rig.keeper.remove('a');
  expect(a?.get('project')).toBeUndefined();
});
