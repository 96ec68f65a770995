import { describe, expect, it } from 'vitest';
import { principal } from '../../../node/auth/principal.ts';
import { authMesh, goodPassword, root } from './auth-mesh.ts';

const ann = { username: 'ann', password: goodPassword, role: 'user' };
const people = principal('people', new Set(['users:read', 'users:write', 'proxy:use', 'keys:write'] as const));

describe('a user', () => {
  it('is the same at every member, and its password is nowhere but as a hash', async () => {
    const { all, n1, n2 } = authMesh(2);
    const user = await all.done(n1.users.create(ann, root));
    expect(user).toMatchObject({ username: 'ann', role: 'user', isEnabled: true, lockedUntilMs: undefined });
    expect(user.id).toMatch(/^usr_[a-z0-9]{20}$/);
    expect(n2.users.get(user.id)).toEqual(user);
    expect(JSON.stringify([n1.lines, [...n2.node.store.kept.values()]])).not.toContain(goodPassword);
    expect(JSON.stringify(n2.users.list({ limit: 9, after: undefined }))).not.toMatch(/scrypt|password/);
  });

  it('is listed page by page, ordered by id', async () => {
    const { all, n1 } = authMesh(1);
    for (let index = 0; index < 7; index++) await all.done(n1.users.create({ ...ann, username: `ann${index}` }, root));
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = n1.users.list({ limit: 3, after });
      seen.push(...page.items.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    expect(seen).toHaveLength(7);
    expect(seen).toEqual(seen.toSorted());
  });

  it.each([
    ['a name with a space', { username: 'an n' }, 'bad_username'],
    ['a name that ends a line', { username: 'ann\n' }, 'bad_username'],
    ['a name that is a quote', { username: "'; DROP TABLE users; --" }, 'bad_username'],
    ['a name with the mark of a second one', { username: 'ann~x' }, 'bad_username'],
    ['no name', { username: '' }, 'bad_username'],
    ['a name that is too long', { username: 'a'.repeat(65) }, 'bad_username'],
    ['a name that grows when it is normalised', { username: 'ﷺ'.repeat(64) }, 'bad_username'],
    ['a short password', { password: '123456789' }, 'weak_password'],
    ['a password of five emoji', { password: '😀😀😀😀😀' }, 'weak_password'],
    ['a huge password', { password: 'x'.repeat(1_025) }, 'weak_password'],
    ['half a character as password', { password: 'x'.repeat(10) + '\ud800' }, 'weak_password'],
    ['its name as password', { username: 'annannannann', password: 'AnnAnnAnnAnn' }, 'weak_password'],
    ['a role that there is not', { role: 'king' }, 'role_not_found'],
    ['a role that every object has', { role: 'constructor' }, 'role_not_found'],
    ['a role that every object has, too', { role: '__proto__' }, 'role_not_found'],
  ])('is not made with %s', async (_what, fields, code) => {
    const { all, n1 } = authMesh(1);
    expect(await all.refusal(n1.users.create({ ...ann, ...fields }, root))).toBe(code);
    expect(n1.directory.users.table.size).toBe(0);
  });

  it('has its name alone, in whatever case it is written', async () => {
    const { all, n1, n2 } = authMesh(2);
    await all.done(n1.users.create({ ...ann, username: 'Straße' }, root));
    for (const username of ['straße', 'STRASSE', 'strasse', 'ＳＴＲＡＳＳＥ'])
      expect(await all.refusal(n2.users.create({ ...ann, username }, root))).toBe('username_taken');
  });

  it('may change the case of its own name, and take a free one', async () => {
    const { all, n1 } = authMesh(1);
    const { id } = await all.done(n1.users.create(ann, root));
    expect(await all.done(n1.users.change(id, { username: 'ANN' }, root))).toMatchObject({ username: 'ANN' });
    expect(await all.done(n1.users.change(id, { username: 'bea' }, root))).toMatchObject({ username: 'bea' });
    expect((await all.done(n1.users.create(ann, root))).username).toBe('ann');
    expect(await all.refusal(n1.users.change(id, { username: 'Ann' }, root))).toBe('username_taken');
  });
});

describe('two users of one name', () => {
  it('made at two members at once: one of them is refused, and there is one in the end', async () => {
    const { all, n1, n2 } = authMesh(2);
    const both = [n1.users.create(ann, root), n2.users.create({ ...ann, username: 'ANN' }, root)];
    const outcomes = await all.done(Promise.allSettled(both));
    all.mesh.advance(5_000);
    const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'made')).sort();
    expect(codes).toEqual(['made', 'username_taken']);
    for (const node of [n1, n2]) expect(node.directory.users.table.size).toBe(1);
  });

  it('made on two sides of a split: the earlier keeps it, the later has a suffix, at every member alike', async () => {
    const { all, n1, n2 } = authMesh(2);
    all.part('n1', 'n2');
    const first = await all.done(n1.users.create(ann, root));
    all.mesh.advance(1_000);
    const second = await all.done(n2.users.create({ ...ann, password: 'another good one' }, root));
    all.mesh.join('n1', 'n2');
    all.mesh.advance(5_000);
    const renamed = `ann~${second.id.slice(-6)}`;
    for (const node of [n1, n2]) {
      expect(node.users.get(first.id).username).toBe('ann');
      expect(node.users.get(second.id).username).toBe(renamed);
      expect((await all.done(node.sessions.login('ann', goodPassword, 'here'))).accessToken).toMatch(/^eyJ/);
      expect(await all.refusal(node.sessions.login('ann', 'another good one', 'here'))).toBe('login_refused');
      expect((await all.done(node.sessions.login(renamed, 'another good one', 'here'))).accessToken).toMatch(/^eyJ/);
      expect(node.lines.some(({ message }) => message.includes('two users of one name'))).toBe(true);
    }
  });
});

describe('nobody', () => {
  it('makes a user, or makes one of a user, that may do more than he', async () => {
    const { all, n1 } = authMesh(1);
    expect(await all.refusal(n1.users.create({ ...ann, role: 'admin' }, people))).toBe('permission_denied');
    const user = await all.done(n1.users.create(ann, people));
    expect(await all.refusal(n1.users.change(user.id, { role: 'operator' }, people))).toBe('permission_denied');
  });

  it('takes over, disables or removes who may do more than he', async () => {
    const { all, n1 } = authMesh(1);
    const { id } = await all.done(n1.users.create({ ...ann, role: 'admin' }, root));
    await all.done(n1.users.create({ ...ann, username: 'bea', role: 'admin' }, root));
    const changes = [{ password: 'now it is mine!' }, { isEnabled: false }, { role: 'user' }, { username: 'carl' }];
    for (const change of changes)
      expect(await all.refusal(n1.users.change(id, change, people))).toBe('permission_denied');
    expect(await all.refusal(n1.users.remove(id, people))).toBe('permission_denied');
  });

  it('makes, changes or revokes a key that may do more than he', async () => {
    const { all, n1 } = authMesh(1);
    const admin = await all.done(n1.users.create({ ...ann, role: 'admin' }, root));
    expect(await all.refusal(n1.keys.create({ name: 'k', role: 'admin' }, people))).toBe('permission_denied');
    expect(await all.refusal(n1.keys.create({ name: 'k', user: admin.id }, people))).toBe('permission_denied');
    const { key } = await all.done(n1.keys.create({ name: 'k', role: 'operator' }, root));
    expect(await all.refusal(n1.keys.change(key.id, { name: 'mine' }, people))).toBe('permission_denied');
    expect(await all.refusal(n1.keys.revoke(key.id, people))).toBe('permission_denied');
    const own = await all.done(n1.keys.create({ name: 'own' }, people));
    expect(await all.refusal(n1.keys.change(own.key.id, { role: 'operator' }, people))).toBe('permission_denied');
  });

  it('makes or widens a role that may do more than he', async () => {
    const { all, n1 } = authMesh(1);
    expect(await all.refusal(n1.roles.put('mine', ['cluster:write'], people))).toBe('permission_denied');
    await all.done(n1.roles.put('theirs', ['cluster:write'], root));
    expect(await all.refusal(n1.roles.put('theirs', ['proxy:use'], people))).toBe('permission_denied');
    expect(await all.refusal(n1.roles.remove('theirs', people))).toBe('permission_denied');
    expect(await all.done(n1.roles.put('mine', ['proxy:use'], people))).toMatchObject({ permissions: ['proxy:use'] });
  });
});

describe('the last enabled admin', () => {
  it('can be neither removed, disabled nor demoted; with a second one each can', async () => {
    const { all, n1, n2 } = authMesh(2);
    const first = await all.done(n1.users.create({ ...ann, role: 'admin' }, root));
    const refused = async () => [
      await all.refusal(n2.users.remove(first.id, root)),
      await all.refusal(n2.users.change(first.id, { isEnabled: false }, root)),
      await all.refusal(n2.users.change(first.id, { role: 'operator' }, root)),
    ];
    expect(await refused()).toEqual(['last_admin', 'last_admin', 'last_admin']);
    const second = await all.done(n1.users.create({ ...ann, username: 'bea', role: 'admin' }, root));
    await all.done(n2.users.change(second.id, { isEnabled: false }, root));
    expect(await refused()).toEqual(['last_admin', 'last_admin', 'last_admin']);
    await all.done(n2.users.change(second.id, { isEnabled: true }, root));
    await all.done(n1.users.remove(first.id, root));
    expect(await all.refusal(n1.users.remove(second.id, root))).toBe('last_admin');
  });

  it('may be renamed and get another password', async () => {
    const { all, n1 } = authMesh(1);
    const { id } = await all.done(n1.users.create({ ...ann, role: 'admin' }, root));
    await all.done(n1.users.change(id, { username: 'bea', password: 'another good one', role: 'admin' }, root));
    expect((await all.done(n1.sessions.login('bea', 'another good one', 'here'))).accessToken).toMatch(/^eyJ/);
  });
});

describe('ids that are not there', () => {
  it.each(['usr_none', '', '__proto__', 'constructor', "' OR 1=1", '../keys', 'x'.repeat(100_000)])(
    '%.20s: user, key and role are not found, and the message stays short',
    async (id) => {
      const { all, n1 } = authMesh(1);
      const calls = [
        () => n1.users.change(id, { role: 'user' }, root),
        () => n1.users.remove(id, root),
        () => n1.keys.change(id, { name: 'x' }, root),
        () => n1.keys.revoke(id, root),
        () => n1.roles.remove(id, root),
      ];
      const codes: string[] = [];
      for (const call of calls) codes.push(await all.refusal(call()));
      expect(codes).toEqual(['user_not_found', 'user_not_found', 'key_not_found', 'key_not_found', 'role_not_found']);
      for (const get of [() => n1.users.get(id), () => n1.keys.get(id), () => n1.roles.get(id)])
        expect(messageOf(get).length).toBeLessThan(200);
    },
  );
});

describe('a change', () => {
  it('that is overtaken by another member at the same moment says so', async () => {
    const { all, n1, n2 } = authMesh(2);
    const { id } = await all.done(n1.users.create(ann, root));
    const both = [
      n1.users.change(id, { role: 'viewer' }, root),
      n2.users.change(id, { role: 'operator' }, root),
      n2.users.change(id, { isEnabled: false }, root),
    ];
    const outcomes = await all.done(Promise.allSettled(both));
    const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'done'));
    expect(codes).toContain('changed_meanwhile');
    expect(codes).toContain('done');
    all.mesh.advance(1_000);
    expect(n1.users.get(id)).toEqual(n2.users.get(id));
  });

  it('that another one of the same member follows at once stands, and so does that one', async () => {
    const { all, n1, n2 } = authMesh(2);
    const { id } = await all.done(n1.users.create(ann, root));
    await all.done(
      Promise.all([n1.users.change(id, { role: 'viewer' }, root), n1.users.change(id, { username: 'bea' }, root)]),
    );
    expect(n2.users.get(id)).toMatchObject({ role: 'viewer', username: 'bea' });
  });

  it('tells the log who made it and of what, at info', async () => {
    const { all, n1 } = authMesh(1);
    const { id } = await all.done(n1.users.create(ann, root));
    const { key } = await all.done(n1.keys.create({ name: 'k' }, root));
    await all.done(n1.roles.put('r', ['proxy:use'], root));
    await all.done(n1.keys.revoke(key.id, root));
    await all.done(n1.users.remove(id, root));
    const told = n1.lines.map(({ message, fields }) => [message, fields['by'], fields['id'] ?? fields['role']]);
    expect(told).toEqual([
      ['user made', 'api_key', id],
      ['key made', 'api_key', key.id],
      ['role set', 'api_key', 'r'],
      ['key revoked', 'api_key', key.id],
      ['user removed', 'api_key', id],
    ]);
  });
});

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return '';
}
