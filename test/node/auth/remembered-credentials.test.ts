import { expect, test } from 'vitest';
import { Secret } from '../../../kit/secret.ts';
import { Authenticator } from '../../../node/auth/authenticator.ts';
import { NodeKey } from '../../../node/auth/node-key.ts';
import { principal } from '../../../node/auth/principal.ts';
import { ManualClock } from '../../manual-clock.ts';

test('a key that was accepted before is refused as soon as it is replaced', () => {
  const key = new NodeKey(new Secret('first'), principal('api_key', 'admin'));
  const authenticator = new Authenticator([key]);
  expect(authenticator.verify('first')?.id).toBe('api_key');
  expect(authenticator.verify('first')?.id).toBe('api_key');
  key.replace(new Secret('second'));
  expect(authenticator.verify('first')).toBeUndefined();
  expect(authenticator.verify('second')?.id).toBe('api_key');
});

test('an accepted key is looked up once, a wrong one every time', () => {
  const asked: string[] = [];
  const source = {
    revision: 0,
    find(credential: string) {
      asked.push(credential);
      return credential === 'good' ? principal('someone', 'user') : undefined;
    },
  };
  const authenticator = new Authenticator([source]);
  for (const credential of ['good', 'bad', 'good', 'bad', 'good']) authenticator.verify(credential);
  expect(asked).toEqual(['good', 'bad', 'bad']);
});

test('a key that was accepted before is refused from its end on, and its use is noted', () => {
  const clock = new ManualClock(1_000);
  const lastUse = { atMs: 0 };
  const caller = { ...principal('someone', 'user'), expiresAtMs: 2_000, lastUse };
  const authenticator = new Authenticator([{ revision: 0, find: () => caller }], clock);
  expect(authenticator.verify('good')).toBe(caller);
  clock.advance(999);
  expect(authenticator.verify('good')).toBe(caller);
  expect(lastUse.atMs).toBe(1_999);
  clock.advance(1);
  expect(authenticator.verify('good')).toBeUndefined();
  expect(authenticator.verify('never seen')).toBeUndefined();
  expect(lastUse.atMs).toBe(1_999);
});
