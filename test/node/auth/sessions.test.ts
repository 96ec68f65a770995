import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SessionTokens } from '../../../node/auth/contract.ts';
import {
  authMesh,
  type AuthMesh,
  type AuthNode,
  dayMs,
  goodPassword,
  minuteMs,
  root,
  sessionsMax,
} from './auth-mesh.ts';

const address = '192.0.2.1';

async function withAnn(count: number) {
  const mesh = authMesh(count);
  const user = await mesh.all.done(
    mesh.n1.users.create({ username: 'ann', password: goodPassword, role: 'operator' }, root),
  );
  return { ...mesh, user };
}

function login(all: AuthMesh, node: AuthNode, name = 'ann', password = goodPassword): Promise<SessionTokens> {
  return all.done(node.sessions.login(name, password, address));
}

function part(token: string, index: number): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The token with other claims or another header, under its own signature. */
function edited(token: string, changes: { header?: object; payload?: object }): string {
  const [, , signature] = token.split('.');
  const header = encoded({ ...part(token, 0), ...changes.header });
  return `${header}.${encoded({ ...part(token, 1), ...changes.payload })}.${signature}`;
}

/** Signed with the key that the node signs with: only what it claims is wrong. */
function resigned(node: AuthNode, token: string, changes: { header?: object; payload?: object }): string {
  const kid = String(part(token, 0)['kid']);
  const secret = node.signingKeys.get(kid)?.secret;
  if (secret === undefined) throw new Error('the token was signed with a key that is there');
  const [header, payload] = edited(token, changes).split('.');
  const signature = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url');
  return `${header}.${payload}.${signature}`;
}

describe('a login', () => {
  it('gives an access token that every member takes at once, with what the role of the user allows', async () => {
    const { all, n1, n2, n3, user } = await withAnn(3);
    const tokens = await login(all, n2);
    expect(tokens.expiresInMs).toBe(15 * minuteMs);
    for (const node of [n1, n2, n3]) {
      const caller = await all.done(node.caller(tokens.accessToken));
      expect(caller).toMatchObject({ id: user.id, user: user.id, key: undefined, tenant: user.id });
      expect(caller?.permissions.has('accounts:write')).toBe(true);
      expect(caller?.permissions.has('users:write')).toBe(false);
    }
    expect(part(tokens.accessToken, 0)).toMatchObject({ alg: 'HS256', typ: 'at+jwt' });
    expect(part(tokens.accessToken, 1)).toMatchObject({ iss: 'aiproxy', aud: 'aiproxy/api', sub: user.id });
  });

  it('takes the name in any case and form', async () => {
    const { all, n1 } = await withAnn(1);
    for (const name of ['ANN', 'Ann', 'ａｎｎ']) expect((await login(all, n1, name)).accessToken).toMatch(/^eyJ/);
  });

  it('says the same for an unknown name, a wrong password and a user who is disabled', async () => {
    const { all, n1, user } = await withAnn(1);
    const refusals: unknown[] = [];
    const refuse = (name: string, password: string) =>
      all.done(n1.sessions.login(name, password, address)).catch((error: Error) => refusals.push(error.message));
    await refuse('nobody', goodPassword);
    await refuse('ann', 'wrong password');
    await refuse('ann', '');
    await refuse('ann', 'x'.repeat(100_000));
    await refuse('x'.repeat(100_000), goodPassword);
    await all.done(n1.users.create({ username: 'root', password: goodPassword, role: 'admin' }, root));
    await all.done(n1.users.change(user.id, { isEnabled: false }, root));
    await refuse('ann', goodPassword);
    expect(refusals).toHaveLength(6);
    expect(new Set(refusals).size).toBe(1);
    // Nobody's password is compared like anybody's.
    expect(n1.passwords.compared).toBe(5);
  });

  it('never logs a name that was typed, a password or a token', async () => {
    const { all, n1 } = await withAnn(1);
    const tokens = await login(all, n1);
    await all.refusal(n1.sessions.login('my-password-by-mistake', 'other secret', address));
    await all.refusal(n1.sessions.login('ann', 'wrong secret', address));
    await all.done(n1.sessions.refresh(tokens.refreshToken));
    await all.refusal(n1.sessions.refresh(tokens.refreshToken));
    const text = JSON.stringify(n1.lines);
    for (const secret of ['my-password-by-mistake', 'other secret', 'wrong secret', goodPassword, 'eyJ'])
      expect(text).not.toContain(secret);
    expect(text).toContain('used again');
  });

  it(`ends the oldest session where the user has ${sessionsMax} already`, async () => {
    const { all, n1, n2 } = await withAnn(2);
    const first = await login(all, n1);
    for (let more = 0; more < sessionsMax; more++) {
      all.mesh.advance(10);
      await login(all, n2);
    }
    all.mesh.advance(100);
    expect(n1.directory.sessions.table.size).toBe(sessionsMax);
    expect(await all.done(n1.caller(first.accessToken))).toBeUndefined();
    expect(await all.refusal(n2.sessions.refresh(first.refreshToken))).toBe('refresh_refused');
  });
});

describe('an access token', () => {
  it('ends by its time, also where it is remembered', async () => {
    const { all, n1, n2 } = await withAnn(2);
    const { accessToken } = await login(all, n1);
    for (const node of [n1, n2]) expect(await all.done(node.caller(accessToken))).toBeDefined();
    all.mesh.clock.jumpWall(15 * minuteMs);
    for (const node of [n1, n2]) {
      expect(node.verifier.verify(accessToken)).toBeUndefined();
      expect(node.verifier.learn(accessToken)).toBeUndefined();
    }
  });

  it.each([
    ['the user logs out', (n: AuthNode, _id: string, tokens: SessionTokens) => n.sessions.logout(tokens.refreshToken)],
    ['the password changes', (n: AuthNode, id: string) => n.users.change(id, { password: 'another good one' }, root)],
    ['the user is disabled', (n: AuthNode, id: string) => n.users.change(id, { isEnabled: false }, root)],
    ['the user is removed', (n: AuthNode, id: string) => n.users.remove(id, root)],
  ])('ends at every member when %s', async (_what, end) => {
    const { all, n1, n2, user } = await withAnn(2);
    const tokens = await login(all, n1);
    for (const node of [n1, n2]) expect(await all.done(node.caller(tokens.accessToken))).toBeDefined();
    await all.done(end(n2, user.id, tokens) as Promise<unknown>);
    for (const node of [n1, n2]) expect(await all.done(node.caller(tokens.accessToken))).toBeUndefined();
    expect(await all.refusal(n1.sessions.refresh(tokens.refreshToken))).toBe('refresh_refused');
  });

  it('does not come back when the user is enabled again', async () => {
    const { all, n1, user } = await withAnn(1);
    const { accessToken } = await login(all, n1);
    await all.done(n1.users.change(user.id, { isEnabled: false }, root));
    await all.done(n1.users.change(user.id, { isEnabled: true }, root));
    expect(await all.done(n1.caller(accessToken))).toBeUndefined();
  });

  it('follows the role of its user with the next request', async () => {
    const { all, n1, n2, user } = await withAnn(2);
    const { accessToken } = await login(all, n1);
    expect((await all.done(n2.caller(accessToken)))?.permissions.has('accounts:write')).toBe(true);
    await all.done(n1.users.change(user.id, { role: 'viewer' }, root));
    expect(n2.verifier.verify(accessToken)?.permissions.has('accounts:write')).toBe(false);
  });

  it('is verified once, and a bad one that is sent again and again too', async () => {
    const { all, n1 } = await withAnn(1);
    const { accessToken } = await login(all, n1);
    expect(await all.done(n1.caller(accessToken))).toBeDefined();
    expect(n1.verifier.learn(accessToken)).toBeUndefined();
    const bad = `${accessToken.slice(0, -6)}AAAAAA`;
    expect(n1.verifier.learn(bad)).toBeInstanceOf(Promise);
    await n1.verifier.learn(bad);
    for (let again = 0; again < 1_000; again++) expect(n1.verifier.learn(bad)).toBeUndefined();
  });
});

describe('a forged token is refused', () => {
  const forgeries: [string, (node: AuthNode, tokens: SessionTokens) => string, 'unseen' | 'by its signature'][] = [
    ['alg none', (_, { accessToken }) => `${edited(accessToken, { header: { alg: 'none' } })}`, 'unseen'],
    [
      'alg none without a signature',
      (_, { accessToken }) => `${encoded({ ...part(accessToken, 0), alg: 'none' })}.${accessToken.split('.')[1]}.`,
      'unseen',
    ],
    ['alg RS256', (node, { accessToken }) => resigned(node, accessToken, { header: { alg: 'RS256' } }), 'unseen'],
    ['alg HS512', (node, { accessToken }) => resigned(node, accessToken, { header: { alg: 'HS512' } }), 'unseen'],
    ['a foreign kid', (node, { accessToken }) => resigned(node, accessToken, { header: { kid: 'sgn_x' } }), 'unseen'],
    ['a kid that is a path', (_, { accessToken }) => edited(accessToken, { header: { kid: '../../etc/x' } }), 'unseen'],
    [
      'a kid that is __proto__',
      (_, { accessToken }) => edited(accessToken, { header: { kid: '__proto__' } }),
      'unseen',
    ],
    [
      'a key of its own',
      (_, { accessToken }) => edited(accessToken, { header: { jwk: { kty: 'oct', k: 'AA' } } }),
      'by its signature',
    ],
    [
      'edited claims',
      (_, { accessToken }) => edited(accessToken, { payload: { exp: 9_999_999_999 } }),
      'by its signature',
    ],
    ['another user', (_, { accessToken }) => edited(accessToken, { payload: { sub: 'usr_other' } }), 'unseen'],
    [
      'the audience of refresh tokens',
      (n, { accessToken }) => resigned(n, accessToken, { payload: { aud: 'aiproxy/refresh' } }),
      'by its signature',
    ],
    [
      'another issuer',
      (n, { accessToken }) => resigned(n, accessToken, { payload: { iss: 'else' } }),
      'by its signature',
    ],
    ['typ JWT', (n, { accessToken }) => resigned(n, accessToken, { header: { typ: 'JWT' } }), 'unseen'],
    [
      'a critical extension',
      (n, { accessToken }) => resigned(n, accessToken, { header: { crit: ['b64'], b64: false } }),
      'by its signature',
    ],
    ['an end in the past', (n, { accessToken }) => resigned(n, accessToken, { payload: { exp: 1_000 } }), 'unseen'],
    [
      'a beginning in the far future',
      (n, { accessToken }) => resigned(n, accessToken, { payload: { iat: 2_700_000_000 } }),
      'by its signature',
    ],
    [
      'no beginning',
      (n, { accessToken }) => resigned(n, accessToken, { payload: { iat: undefined } }),
      'by its signature',
    ],
    [
      'a beginning long ago',
      (n, { accessToken }) => resigned(n, accessToken, { payload: { iat: 1_000, exp: 2_700_000_000 } }),
      'by its signature',
    ],
    [
      'an end that is text',
      (n, { accessToken }) => resigned(n, accessToken, { payload: { exp: '2700000000' } }),
      'unseen',
    ],
    [
      'a session of nobody',
      (n, { accessToken }) => resigned(n, accessToken, { payload: { sid: 'ses_none' } }),
      'unseen',
    ],
    ['the refresh token as an access token', (_, { refreshToken }) => refreshToken, 'unseen'],
    ['over-long', (n, { accessToken }) => resigned(n, accessToken, { payload: { pad: 'x'.repeat(2_000) } }), 'unseen'],
    ['four parts', (_, { accessToken }) => `${accessToken}.AA`, 'unseen'],
    ['an empty signature', (_, { accessToken }) => accessToken.replace(/[^.]+$/, ''), 'unseen'],
    ['no JSON', () => 'eyJ.eyJ.AA', 'unseen'],
  ];

  it.each(forgeries)('%s', async (_name, forge, how) => {
    const { all, n1 } = await withAnn(1);
    const tokens = await login(all, n1);
    const forged = forge(n1, tokens);
    const learning = n1.verifier.learn(forged);
    expect(learning === undefined).toBe(how === 'unseen');
    await learning;
    expect(n1.verifier.verify(forged)).toBeUndefined();
    expect(await all.done(n1.caller(tokens.accessToken))).toBeDefined();
  });

  it('as a refresh token too: the access token, another generation, another nonce', async () => {
    const { all, n1 } = await withAnn(1);
    const { accessToken, refreshToken } = await login(all, n1);
    expect(await all.refusal(n1.sessions.refresh(accessToken))).toBe('refresh_refused');
    expect(await all.refusal(n1.sessions.refresh(edited(refreshToken, { payload: { gen: 1 } })))).toBe(
      'refresh_refused',
    );
    expect(await all.refusal(n1.sessions.refresh(edited(refreshToken, { payload: { jti: 'x' } })))).toBe(
      'refresh_refused',
    );
    expect(await all.refusal(n1.sessions.refresh(''))).toBe('refresh_refused');
    expect(await all.refusal(n1.sessions.refresh('x'.repeat(100_000)))).toBe('refresh_refused');
    // None of it ended the session: who forges must not be able to end other people's.
    expect((await all.done(n1.sessions.refresh(refreshToken))).accessToken).toMatch(/^eyJ/);
  });
});

describe('a refresh token', () => {
  it('goes on with the session for as long as it is used in time', async () => {
    const { all, n1, n2 } = await withAnn(2);
    let tokens = await login(all, n1);
    for (let days = 0; days < 90; days += 29) {
      all.mesh.clock.jumpWall(29 * dayMs);
      tokens = await all.done((days % 2 === 0 ? n1 : n2).sessions.refresh(tokens.refreshToken));
    }
    expect(await all.done(n1.caller(tokens.accessToken))).toBeDefined();
    all.mesh.clock.jumpWall(31 * dayMs);
    expect(await all.refusal(n1.sessions.refresh(tokens.refreshToken))).toBe('refresh_refused');
  });

  it('that is used again ends the session everywhere, with the tokens that came of it', async () => {
    const { all, n1, n2 } = await withAnn(2);
    const stolen = await login(all, n1);
    const next = await all.done(n1.sessions.refresh(stolen.refreshToken));
    expect(await all.done(n2.caller(next.accessToken))).toBeDefined();
    expect(await all.refusal(n2.sessions.refresh(stolen.refreshToken))).toBe('refresh_refused');
    for (const node of [n1, n2]) expect(await all.done(node.caller(next.accessToken))).toBeUndefined();
    expect(await all.refusal(n1.sessions.refresh(next.refreshToken))).toBe('refresh_refused');
    expect(n2.lines.some(({ message }) => message.includes('used again'))).toBe(true);
  });

  it('that two members are shown at once leads to no two sessions', async () => {
    const { all, n1, n2 } = await withAnn(2);
    const { refreshToken } = await login(all, n1);
    const both = [n1.sessions.refresh(refreshToken), n2.sessions.refresh(refreshToken)];
    const outcomes = await all.done(Promise.allSettled(both));
    const given = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    all.mesh.advance(1_000);
    const codes: string[] = [];
    for (const { refreshToken: next } of given) codes.push(await all.refusal(n1.sessions.refresh(next)));
    expect(codes.filter((code) => code === 'done').length).toBeLessThanOrEqual(1);
    // Whoever held back is out, too, as soon as the second was seen.
    if (given.length === 2) expect(n1.directory.sessions.table.size).toBe(codes.includes('refresh_refused') ? 0 : 1);
  });

  it('that one member is shown twice at once ends the session, and nobody gets tokens', async () => {
    const { all, n1 } = await withAnn(1);
    const { refreshToken } = await login(all, n1);
    const both = [n1.sessions.refresh(refreshToken), n1.sessions.refresh(refreshToken)];
    const outcomes = await all.done(Promise.allSettled(both));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(n1.directory.sessions.table.size).toBe(0);
  });

  it('that a logged-out session had is not revived by a refresh on the other side of a split', async () => {
    const { all, n1, n2 } = await withAnn(2);
    const { refreshToken } = await login(all, n1);
    all.part('n1', 'n2');
    await all.done(n1.sessions.logout(refreshToken));
    const next = await all.done(n2.sessions.refresh(refreshToken));
    all.mesh.join('n1', 'n2');
    all.mesh.advance(5_000);
    for (const node of [n1, n2]) {
      expect(await all.done(node.caller(next.accessToken))).toBeUndefined();
      expect(await all.refusal(node.sessions.refresh(next.refreshToken))).toBe('refresh_refused');
    }
  });

  it('logs out once, and saying so again changes nothing', async () => {
    const { all, n1 } = await withAnn(1);
    const { refreshToken } = await login(all, n1);
    await all.done(n1.sessions.logout(refreshToken));
    await all.done(n1.sessions.logout(refreshToken));
    await all.done(n1.sessions.logout('garbage'));
    expect(n1.directory.sessions.table.size).toBe(0);
  });
});
