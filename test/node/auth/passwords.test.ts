import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../kit/random.ts';
import { hashPassword, isOutdated, isPassword, parseHash, scryptCost } from '../../../node/auth/password-hash.ts';
import { Passwords } from '../../../node/auth/passwords.ts';
import { foldedName, usernameOf } from '../../../node/auth/username.ts';
import { authMesh, cheap, goodPassword, minuteMs, root } from './auth-mesh.ts';

const salt = new Uint8Array(16).fill(3);

describe('a hash of a password', () => {
  it('is of scrypt, with one of the costs that OWASP names, and of 32 MiB', async () => {
    expect(scryptCost.n * scryptCost.r * 128).toBe(32 * 2 ** 20);
    const kept = await hashPassword(goodPassword, salt, scryptCost);
    expect(kept).toMatch(/^scrypt\$32768\$8\$3\$[A-Za-z0-9_-]{22}\$[A-Za-z0-9_-]{43}$/);
    expect(await isPassword(goodPassword, kept)).toBe(true);
    expect(await isPassword(`${goodPassword} `, kept)).toBe(false);
    expect(isOutdated(kept, scryptCost)).toBe(false);
  });

  it('is another one with another salt, and the same for letters that are composed otherwise', async () => {
    const kept = await hashPassword('Zu\u0308rich am See', salt, cheap);
    expect(await isPassword('Z\u00fcrich am See', kept)).toBe(true);
    expect(await hashPassword('Z\u00fcrich am See', new Uint8Array(16), cheap)).not.toBe(kept);
  });

  it.each([
    ['of 16 GiB', 'scrypt$16777216$8$1'],
    ['of a thousand passes', 'scrypt$16$8$1000'],
    ['whose N is no power of two', 'scrypt$100$8$1'],
    ['of no cost', 'scrypt$0$0$0'],
    ['of another kind', 'argon2$16$8$1'],
    ['with a block of thousands', 'scrypt$16$999999$1'],
  ])('%s in a record is not computed', async (_what, beginning) => {
    const kept = `${beginning}$${'A'.repeat(22)}$${'A'.repeat(43)}`;
    expect(parseHash(kept)).toBeUndefined();
    expect(await isPassword('', kept)).toBe(false);
  });

  it('is read from any text without an error', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('scrypt', '$', '1', '8', 'A', '.') }), (text) => {
        const parsed = parseHash(text);
        expect(parsed === undefined || parsed.n > 0).toBe(true);
      }),
    );
  });
});

describe('names', () => {
  it('are one name however they are cased', () => {
    const letter = fc.constantFrom(...'aZéßÅöñςΣσıİǅﬁДдعא7');
    fc.assert(
      fc.property(fc.array(letter, { minLength: 1, maxLength: 20 }), (letters) => {
        const name = letters.join('');
        expect(foldedName(foldedName(name))).toBe(foldedName(name));
        expect(foldedName(name.normalize('NFD'))).toBe(foldedName(name));
      }),
    );
    for (const [one, other] of [
      ['Straße', 'STRASSE'],
      ['ΟΔΥΣΣΕΥΣ', 'Οδυσσευς'],
      ['Ａｎｎ', 'ann'],
    ] as const)
      expect(foldedName(one)).toBe(foldedName(other));
  });

  it('that are taken have no sign that means something elsewhere', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        const name = usernameOf(text);
        if (name === undefined) return;
        expect(name).toMatch(/^[^\s~'"`<>;:,/\\|&$%#?*()[\]{}=]+$/);
        expect(usernameOf(name)).toBe(name);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('10,000 wrong passwords', () => {
  it('at once for one user: a few are hashed, the others are refused at once, and he is locked out', async () => {
    const { all, n1, n2 } = authMesh(2);
    const user = await all.done(n1.users.create({ username: 'ann', password: goodPassword, role: 'user' }, root));
    const tries = Array.from({ length: 10_000 }, () => all.refusal(n1.sessions.login('ann', 'wrong password', 'x')));
    const codes = await all.done(Promise.all(tries));
    expect(codes.filter((code) => code === 'login_refused')).toHaveLength(5);
    expect(codes.filter((code) => code === 'login_locked')).toHaveLength(9_995);
    expect(n1.passwords.compared).toBe(5);
    expect(n1.users.get(user.id).lockedUntilMs).toBeGreaterThan(all.mesh.clock.nowMs());
    all.mesh.advance(100);
    // The right one neither, nor at another member, and nothing is hashed for it.
    for (const node of [n1, n2])
      expect(await all.refusal(node.sessions.login('ann', goodPassword, 'y'))).toBe('login_locked');
    expect([n1.passwords.compared, n2.passwords.compared]).toEqual([5, 0]);
  });

  it('one after the other from one address at ever new names: slowed down', async () => {
    const { all, n1 } = authMesh(1);
    let refused = 0;
    for (let index = 0; index < 10_000; index++) {
      if ((await all.refusal(n1.sessions.login(`name${index}`, 'wrong password', '192.0.2.9'))) === 'login_refused')
        refused++;
    }
    expect(n1.passwords.compared).toBe(refused);
    // Ten at once, then one after 1, 2, 4, … 60 seconds: the test lasted well below half a minute of manual time.
    expect(refused).toBeLessThan(16);
    expect(await all.refusal(n1.sessions.login('name', 'wrong password', '192.0.2.10'))).toBe('login_refused');
  });

  it('from the many addresses of one IPv6 network are slowed down as one', async () => {
    const { all, n1 } = authMesh(1);
    const codes: string[] = [];
    for (let index = 0; index < 20; index++)
      codes.push(await all.refusal(n1.sessions.login(`name${index}`, 'wrong password', `2001:db8::${index + 1}`)));
    expect(codes.filter((code) => code === 'login_locked').length).toBeGreaterThan(5);
    expect(await all.refusal(n1.sessions.login('name', 'wrong password', '2001:db8:0:1::1'))).toBe('login_refused');
  });

  it('for a name that nobody has look like those for a user', async () => {
    const { all, n1 } = authMesh(1);
    await all.done(n1.users.create({ username: 'ann', password: goodPassword, role: 'user' }, root));
    const codesOf = async (name: string) => {
      const codes: string[] = [];
      for (let index = 0; index < 8; index++)
        codes.push(await all.refusal(n1.sessions.login(name, 'wrong password', `${name}${index}`)));
      return codes;
    };
    expect(await codesOf('nobody')).toEqual(await codesOf('ann'));
  });
});

describe('a lock-out', () => {
  it('lasts one minute, two, four, and no longer than the limit; the right password ends it all', async () => {
    const { all, n1 } = authMesh(1);
    await all.done(n1.users.create({ username: 'ann', password: goodPassword, role: 'user' }, root));
    const waits: number[] = [];
    for (let lock = 0; lock < 6; lock++) {
      for (let index = 0; index < 5; index++)
        await all.refusal(n1.sessions.login('ann', 'wrong one', `${lock}.${index}`));
      const error = await all.done(n1.sessions.login('ann', goodPassword, 'x').catch((reason: object) => reason));
      const waitMs = Number(Reflect.get(error, 'retryAfterMs'));
      waits.push(Math.round(waitMs / minuteMs));
      all.mesh.advance(waitMs + 1);
    }
    expect(waits).toEqual([1, 2, 4, 8, 15, 15]);
    await all.done(n1.sessions.login('ann', goodPassword, 'x'));
    for (let index = 0; index < 4; index++)
      expect(await all.refusal(n1.sessions.login('ann', 'wrong one', `y${index}`))).toBe('login_refused');
    expect((await all.done(n1.sessions.login('ann', goodPassword, 'x'))).accessToken).toMatch(/^eyJ/);
  });

  it('that a clock far ahead left behind locks nobody out for years', async () => {
    const { all, n1 } = authMesh(1);
    const { id } = await all.done(n1.users.create({ username: 'ann', password: goodPassword, role: 'user' }, root));
    const farMs = all.mesh.clock.nowMs() + 1e12;
    const record = { failures: 0, locks: 9, since_ms: farMs, last_at_ms: farMs, locked_until_ms: farMs };
    n1.node.records.put('lockouts', id, record);
    expect((await all.done(n1.sessions.login('ann', goodPassword, 'x'))).accessToken).toMatch(/^eyJ/);
  });
});

describe('hashing', () => {
  it('goes on one at a time, and what would wait too long is refused', async () => {
    const passwords = new Passwords(seededRandom(1), cheap);
    const kept = await passwords.hash(goodPassword);
    let running = 0;
    let most = 0;
    const compare = () =>
      passwords.compare('a wrong password', kept, {
        mayBegin: () => {
          most = Math.max(most, ++running);
          return true;
        },
        onWrong: () => running--,
      });
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, compare));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(33);
    const refused = outcomes.find(({ status }) => status === 'rejected');
    expect(refused).toMatchObject({ reason: { code: 'login_locked', retryAfterMs: 5_000 } });
    expect(most).toBe(1);
    const turn = { mayBegin: () => true, onWrong: () => undefined };
    expect(await passwords.compare(goodPassword, kept, turn)).toBe('right');
    expect(await passwords.compare(goodPassword, undefined, turn)).toBe('wrong');
    expect(await passwords.compare('', undefined, turn)).toBe('wrong');
  });

  it('with the costs of before is renewed at a login, for all members', async () => {
    const { all, n1, n2 } = authMesh(2);
    const { id } = await all.done(n1.users.create({ username: 'ann', password: goodPassword, role: 'user' }, root));
    const former = await hashPassword(goodPassword, salt, { n: 8, r: 1, p: 1 });
    await all.done(n1.directory.users.table.put(id, { ...n1.directory.users.get(id)!.value, password: former }));
    await all.done(n2.sessions.login('ann', goodPassword, 'x'));
    const isRenewed = () => n1.directory.users.get(id)?.value.password.startsWith('scrypt$16$1$1$') === true;
    await all.until(isRenewed);
    const tokens = await all.done(n1.sessions.login('ann', goodPassword, 'x'));
    expect(await all.done(n1.caller(tokens.accessToken))).toBeDefined();
  });
});
