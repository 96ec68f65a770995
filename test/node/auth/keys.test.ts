import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../cluster/state-mesh/state-mesh.ts';
import { authMesh, goodPassword, root } from './auth-mesh.ts';

describe('a key', () => {
  it('is good at every member as soon as its making is answered, and kept as a hash only', async () => {
    const { all, n1, n3 } = authMesh(3);
    const { key, secret } = await all.done(n1.keys.create({ name: 'ci' }, root));
    expect(secret).toMatch(/^aip_[A-Za-z0-9_-]{43}$/);
    expect(key).toMatchObject({ name: 'ci', prefix: secret.slice(0, 12), lastUsedAtMs: undefined });
    expect(key.id).toMatch(/^key_[a-z0-9]{20}$/);
    for (const { verifier } of all.nodes) {
      const caller = verifier.verify(secret);
      expect(caller).toMatchObject({ id: key.id, key: key.id, user: undefined, tenant: key.id, policy: undefined });
      expect([...(caller?.permissions ?? [])]).toEqual(['proxy:use']);
    }
    expect(JSON.stringify([...n3.node.store.kept.values()])).not.toContain(secret);
    expect(JSON.stringify(n1.lines)).not.toContain(secret.slice(4));
  });

  it('that is revoked is refused by every member when the call is answered', async () => {
    const { all, n1, n2, n3 } = authMesh(3);
    const { key, secret } = await all.done(n1.keys.create({ name: 'ci' }, root));
    for (const { verifier } of all.nodes) expect(verifier.verify(secret)?.id).toBe(key.id);
    await all.done(n2.keys.revoke(key.id, root));
    for (const { verifier } of all.nodes) expect(verifier.verify(secret)).toBeUndefined();
    expect(() => n3.keys.get(key.id)).toThrow(expect.objectContaining({ code: 'key_not_found' }));
  });

  it('that is revoked while a member stands still is refused by it as soon as it goes on; the call waits a second at most', async () => {
    const { all, n1, n2, n3 } = authMesh(3);
    const { key, secret } = await all.done(n1.keys.create({ name: 'ci' }, root));
    n3.node.clock.freeze();
    const beganMs = all.mesh.clock.monotonicMs();
    await all.done(n1.keys.revoke(key.id, root));
    expect(all.mesh.clock.monotonicMs() - beganMs).toBeLessThanOrEqual(1_001);
    expect(n2.verifier.verify(secret)).toBeUndefined();
    n3.node.clock.thaw();
    expect(n3.verifier.verify(secret)).toBeUndefined();
  });

  it('that was revoked is not brought back by a change from the other side of a split', async () => {
    const { all, n1, n2 } = authMesh(2);
    const { key, secret } = await all.done(n1.keys.create({ name: 'ci' }, root));
    all.part('n1', 'n2');
    await all.done(n1.keys.revoke(key.id, root));
    await all.done(n2.keys.change(key.id, { name: 'later' }, root));
    all.mesh.join('n1', 'n2');
    all.mesh.advance(5_000);
    for (const { verifier, directory } of [n1, n2]) {
      expect(verifier.verify(secret)).toBeUndefined();
      expect(directory.keys.table.size).toBe(0);
    }
  });

  it('outlives the process, and its revocation too', async () => {
    const { all, n1 } = authMesh(1);
    const { secret } = await all.done(n1.keys.create({ name: 'stays' }, root));
    const { key, secret: revoked } = await all.done(n1.keys.create({ name: 'goes' }, root));
    await all.done(n1.keys.revoke(key.id, root));
    const disk: MemoryStore = n1.node.store;
    all.mesh.kill('n1');
    const again = all.start('n1', disk);
    expect(again.verifier.verify(secret)).toBeDefined();
    expect(again.verifier.verify(revoked)).toBeUndefined();
  });

  it('ends with its user, and rests while it is disabled', async () => {
    const { all, n1, n2 } = authMesh(2);
    const user = await all.done(n1.users.create({ username: 'ann', password: goodPassword, role: 'user' }, root));
    const { key, secret } = await all.done(n2.keys.create({ name: 'hers', user: user.id }, root));
    expect(n1.verifier.verify(secret)).toMatchObject({ user: user.id, tenant: user.id, key: key.id });
    await all.done(n2.users.change(user.id, { isEnabled: false }, root));
    for (const { verifier } of all.nodes) expect(verifier.verify(secret)).toBeUndefined();
    await all.done(n2.users.change(user.id, { isEnabled: true }, root));
    for (const { verifier } of all.nodes) expect(verifier.verify(secret)).toBeDefined();
    await all.done(n1.users.remove(user.id, root));
    for (const { verifier } of all.nodes) expect(verifier.verify(secret)).toBeUndefined();
    all.mesh.advance(100);
    expect(n2.directory.keys.table.size).toBe(0);
  });
});
