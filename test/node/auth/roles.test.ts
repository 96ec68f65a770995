import { describe, expect, it } from 'vitest';
import type { Permission } from '../../../node/auth/contract.ts';
import { authMesh, goodPassword, root } from './auth-mesh.ts';

describe('a role of one’s own', () => {
  it('is followed by the keys that have it at every member with the next request', async () => {
    const { all, n1, n2 } = authMesh(2);
    await all.done(n1.roles.put('caches', ['cache:read', 'cache:write'], root));
    const { secret } = await all.done(n2.keys.create({ name: 'k', role: 'caches' }, root));
    expect([...(n1.verifier.verify(secret)?.permissions ?? [])]).toEqual(['cache:read', 'cache:write']);
    await all.done(n2.roles.put('caches', ['cache:read'], root));
    for (const { verifier } of [n1, n2])
      expect([...(verifier.verify(secret)?.permissions ?? [])]).toEqual(['cache:read']);
  });

  it('that is removed on the other side of a split leaves its keys with nothing', async () => {
    const { all, n1, n2 } = authMesh(2);
    await all.done(n1.roles.put('caches', ['cache:read'], root));
    all.part('n1', 'n2');
    const { secret } = await all.done(n2.keys.create({ name: 'k', role: 'caches' }, root));
    await all.done(n1.roles.remove('caches', root));
    all.mesh.join('n1', 'n2');
    all.mesh.advance(5_000);
    for (const { verifier } of [n1, n2]) expect(verifier.verify(secret)?.permissions.size).toBe(0);
  });

  it('is not removed while a user or a key has it', async () => {
    const { all, n1 } = authMesh(1);
    await all.done(n1.roles.put('caches', ['cache:read'], root));
    const { key } = await all.done(n1.keys.create({ name: 'k', role: 'caches' }, root));
    expect(await all.refusal(n1.roles.remove('caches', root))).toBe('role_in_use');
    await all.done(n1.keys.revoke(key.id, root));
    const user = await all.done(n1.users.create({ username: 'ann', password: goodPassword, role: 'caches' }, root));
    expect(await all.refusal(n1.roles.remove('caches', root))).toBe('role_in_use');
    await all.done(n1.users.remove(user.id, root));
    await all.done(n1.roles.remove('caches', root));
    expect(n1.roles.list().map(({ name }) => name)).toEqual(['admin', 'operator', 'viewer', 'user']);
  });

  it.each([
    ['admin', 'role_built_in'],
    ['user', 'role_built_in'],
    ['__proto__', 'bad_role'],
    ['a b', 'bad_role'],
    ['', 'bad_role'],
    ['a'.repeat(65), 'bad_role'],
  ])('cannot be called %s', async (name, code) => {
    const { all, n1 } = authMesh(1);
    expect(await all.refusal(n1.roles.put(name, ['proxy:use'], root))).toBe(code);
  });

  it('has no permission that there is not', async () => {
    const { all, n1 } = authMesh(1);
    for (const name of ['*', 'proxy:*', 'toString'])
      expect(await all.refusal(n1.roles.put('r', ['proxy:use', name as Permission], root))).toBe('bad_role');
  });

  it('takes the place of no built-in one, though a member writes such a record', () => {
    const { all, n1, n2 } = authMesh(2);
    n1.node.records.put('roles', 'user', { permissions: ['users:write'] });
    n1.node.records.put('roles', 'strange', { permissions: ['users:write', 'everything'] });
    all.mesh.advance(100);
    expect(n2.roles.get('user').permissions).toEqual(['proxy:use']);
    expect(n2.directory.roles.has('strange')).toBe(false);
  });
});

describe('a key of a user', () => {
  it('may do what its role and the user’s role both allow', async () => {
    const { all, n1 } = authMesh(1);
    const ann = await all.done(n1.users.create({ username: 'ann', password: goodPassword, role: 'viewer' }, root));
    const { secret } = await all.done(n1.keys.create({ name: 'k', user: ann.id, role: 'operator' }, root));
    const allowed = n1.verifier.verify(secret)?.permissions;
    expect(allowed?.has('cache:read')).toBe(true);
    expect(allowed?.has('cache:write')).toBe(false);
    expect(allowed?.has('proxy:use')).toBe(false);
    await all.done(n1.users.change(ann.id, { role: 'operator' }, root));
    expect(n1.verifier.verify(secret)?.permissions.has('cache:write')).toBe(true);
  });
});
