import { expect, it } from 'vitest';
import { Secret } from '../../../kit/secret.ts';
import { MemoryStore } from '../../cluster/state-mesh/state-mesh.ts';
import { authMesh, goodPassword, root } from './auth-mesh.ts';

it('the first start makes one admin in the whole cluster, with a password that is told once', async () => {
  const { all, n1, n2, n3 } = authMesh(3);
  const admins = [n1, n2, n3].map((node) => node.firstAdmin());
  for (const { part } of admins) part.start();
  all.mesh.advance(1_000);
  expect(n1.directory.users.table.size).toBe(0);
  n2.leadership.isSelf = true;
  await all.until(() => n1.directory.users.table.size === 1 && admins.some(({ made }) => made.length > 0));
  all.mesh.advance(1_000);
  expect(admins.map(({ made }) => made.length)).toEqual([0, 1, 0]);
  const { username, password } = admins[1]!.made[0]!;
  expect(username).toBe('admin');
  expect(password.reveal()).toMatch(/^[a-km-z2-9]{5}(?:-[a-km-z2-9]{5}){3}$/);
  for (const node of [n1, n3]) {
    const tokens = await all.done(node.sessions.login('admin', password.reveal(), 'x'));
    expect((await all.done(node.caller(tokens.accessToken)))?.permissions.has('users:write')).toBe(true);
  }
  expect(JSON.stringify(n2.lines)).not.toContain(password.reveal());
  // Nobody looks any longer.
  expect(all.mesh.clock.pendingCount).toBe(countAfterStop());
  function countAfterStop() {
    for (const { part } of admins) part.stop();
    return all.mesh.clock.pendingCount;
  }
});

it('a password that was given is used and told to nobody', async () => {
  const { all, n1 } = authMesh(1);
  const { part, made } = n1.firstAdmin(new Secret(goodPassword));
  n1.leadership.isSelf = true;
  part.start();
  await all.until(() => n1.directory.users.table.size === 1);
  await all.done(n1.sessions.login('admin', goodPassword, 'x'));
  expect(made).toEqual([]);
  expect(JSON.stringify(n1.lines)).not.toContain(goodPassword);
});

it.each([
  ['has not joined', 'joining'],
  ['does not lead', 'leading'],
])('a node that %s makes none', (_what, which) => {
  const { all, n1 } = authMesh(1);
  n1.joining.isJoined = which !== 'joining';
  n1.leadership.isSelf = which !== 'leading';
  const { part } = n1.firstAdmin();
  part.start();
  all.mesh.advance(60_000);
  expect(n1.directory.users.table.isUntouched).toBe(true);
  part.stop();
});

it('where there is a user, or was one, or one of a newer version, none is made', async () => {
  const { all, n1 } = authMesh(1);
  const user = await all.done(n1.users.create({ username: 'ann', password: goodPassword, role: 'user' }, root));
  await all.done(n1.users.remove(user.id, root));
  const disk: MemoryStore = n1.node.store;
  all.mesh.kill('n1');
  const again = all.start('n1', disk);
  again.leadership.isSelf = true;
  const { part } = again.firstAdmin();
  part.start();
  all.mesh.advance(10_000);
  expect(again.directory.users.table.size).toBe(0);

  const { all: other, n1: newer } = authMesh(1);
  newer.node.records.put('users', 'usr_x', { shape: 'of a newer version' });
  newer.leadership.isSelf = true;
  newer.firstAdmin().part.start();
  other.mesh.advance(10_000);
  expect(newer.directory.users.table.size).toBe(0);
});
