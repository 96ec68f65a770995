import { describe, expect, it } from 'vitest';
import { AesSealer } from '../../../cluster/secret/aes-sealer.ts';
import { seededRandom } from '../../../kit/random.ts';
import { SigningKeys } from '../../../node/auth/signing-keys.ts';
import { authMesh, dayMs, goodPassword, lives, minuteMs, root } from './auth-mesh.ts';

const ann = { username: 'ann', password: goodPassword, role: 'user' };

function kidOf(token: string): string {
  return String(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid);
}

describe('the key that signs', () => {
  it('is made by whoever needs it first, and sealed: no record shows it', async () => {
    const { all, n1, n2 } = authMesh(2);
    const key = await all.done(n1.signingKeys.current());
    expect(n2.signingKeys.get(key.id)?.secret.equals(key.secret)).toBe(true);
    const records = JSON.stringify([...n2.node.store.kept.values()]);
    for (const form of ['base64url', 'base64', 'hex'] as const)
      expect(records).not.toContain(key.secret.export().toString(form));
  });

  it('is one in the end where all members need the first one at once', async () => {
    const { all, n1, n2, n3 } = authMesh(3);
    await all.done(Promise.all([n1, n2, n3].map(({ signingKeys }) => signingKeys.current())));
    all.mesh.advance(100);
    const now = await all.done(Promise.all([n1, n2, n3].map(({ signingKeys }) => signingKeys.current())));
    expect(new Set(now.map(({ id }) => id)).size).toBe(1);
    all.mesh.advance(minuteMs);
    const later = await all.done(Promise.all([n1, n2, n3].map(({ signingKeys }) => signingKeys.current())));
    expect(new Set(later.map(({ id }) => id)).size).toBe(1);
  });

  it('is replaced by the leader, and the former is good until its last token has ended', async () => {
    const { all, n1, n2 } = authMesh(2);
    await all.done(n1.users.create(ann, root));
    const first = await all.done(n1.sessions.login('ann', goodPassword, 'x'));
    all.mesh.clock.jumpWall(30 * dayMs - minuteMs);
    const old = await all.done(n2.sessions.login('ann', goodPassword, 'x'));
    expect(kidOf(old.accessToken)).toBe(kidOf(first.accessToken));
    all.mesh.clock.jumpWall(minuteMs);
    await all.done(n2.sweep.run());
    await all.done(n1.sweep.run());
    // Neither leads.
    expect(kidOf((await all.done(n1.sessions.login('ann', goodPassword, 'x'))).accessToken)).toBe(
      kidOf(old.accessToken),
    );
    n2.leadership.isSelf = true;
    await all.done(n2.sweep.run());
    all.mesh.clock.jumpWall(minuteMs);
    const fresh = await all.done(n1.sessions.login('ann', goodPassword, 'x'));
    expect(kidOf(fresh.accessToken)).not.toBe(kidOf(old.accessToken));
    for (const node of [n1, n2]) {
      expect(await all.done(node.caller(old.accessToken))).toBeDefined();
      expect(await all.done(node.caller(fresh.accessToken))).toBeDefined();
    }
    all.mesh.clock.jumpWall(lives.refresh - 3 * minuteMs);
    await all.done(n2.sweep.run());
    expect(n1.signingKeys.get(kidOf(old.accessToken))).toBeDefined();
    all.mesh.clock.jumpWall(4 * minuteMs);
    await all.done(n2.sweep.run());
    all.mesh.advance(100);
    for (const node of [n1, n2]) expect(node.signingKeys.get(kidOf(old.accessToken))).toBeUndefined();
  });

  it('that was sealed under another secret is passed over, and another one made', async () => {
    const { all, n1 } = authMesh(1);
    const former = await all.done(n1.signingKeys.current());
    const lines: string[] = [];
    const { clock, records } = n1.node;
    const log = { ...n1.log, warn: (message: string) => void lines.push(message) };
    const keys = new SigningKeys({
      clock,
      records,
      log,
      sealer: new AesSealer(new Uint8Array(32)),
      random: seededRandom(5),
    });
    expect(lines).toEqual([expect.stringContaining('another cluster secret')]);
    expect(keys.get(former.id)).toBeUndefined();
    expect((await all.done(keys.current())).id).not.toBe(former.id);
  });
});

describe('the sweep', () => {
  it('takes out sessions and locks that have ended, and keys of users that are gone; only at the leader', async () => {
    const { all, n1, n2 } = authMesh(2);
    const { id } = await all.done(n1.users.create(ann, root));
    await all.done(n1.sessions.login('ann', goodPassword, 'x'));
    for (let index = 0; index < 5; index++) await all.refusal(n1.sessions.login('ann', 'wrong one', 'x'));
    const { key } = await all.done(n1.keys.create({ name: 'k' }, root));
    const record = n1.directory.keys.get(key.id)!.record;
    await all.done(n1.directory.keys.table.put(key.id, { ...record, user: 'usr_gone' }));
    all.mesh.clock.jumpWall(lives.refresh);
    await all.done(n1.sweep.run());
    expect([n1.directory.sessions.table.size, n1.directory.keys.table.size]).toEqual([1, 1]);
    n1.leadership.isSelf = true;
    await all.done(n1.sweep.run());
    all.mesh.advance(100);
    for (const node of [n1, n2]) {
      expect([node.directory.sessions.table.size, node.directory.keys.table.size]).toEqual([0, 0]);
      expect([...node.node.records.list('lockouts')]).toEqual([]);
    }
    expect(n1.users.get(id).username).toBe('ann');
  });

  it('leaves what belongs to a user whose record this version cannot read', async () => {
    const { all, n1 } = authMesh(1);
    const { id } = await all.done(n1.users.create(ann, root));
    await all.done(n1.sessions.login('ann', goodPassword, 'x'));
    const { secret } = await all.done(n1.keys.create({ name: 'k', user: id }, root));
    const { payload } = n1.node.records.get('users', id)!;
    n1.node.records.put('users', id, { ...Object(payload), role: { of: 'another form' } });
    expect(n1.verifier.verify(secret)).toBeUndefined();
    n1.leadership.isSelf = true;
    await all.done(n1.sweep.run());
    expect([n1.directory.sessions.table.size, n1.directory.keys.table.size]).toEqual([1, 1]);
    n1.node.records.put('users', id, payload);
    expect(n1.verifier.verify(secret)).toMatchObject({ user: id });
  });

  it('runs by itself every ten minutes until it is stopped', async () => {
    const { all, n1 } = authMesh(1);
    await all.done(n1.users.create(ann, root));
    await all.done(n1.sessions.login('ann', goodPassword, 'x'));
    n1.leadership.isSelf = true;
    n1.sweep.start();
    all.mesh.clock.jumpWall(lives.refresh);
    all.mesh.advance(10 * minuteMs);
    expect(n1.directory.sessions.table.size).toBe(0);
    const before = all.mesh.clock.pendingCount;
    n1.sweep.stop();
    expect(all.mesh.clock.pendingCount).toBe(before - 1);
  });
});
