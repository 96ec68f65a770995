import { expect, test } from 'vitest';
import { Secret } from '../../../kit/secret.ts';
import { Authenticator } from '../../../node/auth/authenticator.ts';
import { NodeKey } from '../../../node/auth/node-key.ts';
import { principal } from '../../../node/auth/principal.ts';

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
