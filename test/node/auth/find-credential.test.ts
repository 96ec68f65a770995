import { describe, expect, it } from 'vitest';
import { Secret } from '../../../kit/secret.ts';
import type { CredentialVerifier } from '../../../node/auth/contract.ts';
import { Authenticator } from '../../../node/auth/authenticator.ts';
import {
  authenticate,
  credentialLengthMax,
  learnCredential,
  webSocketCredentialPlaces,
  type CredentialPlaces,
} from '../../../node/auth/find-credential.ts';
import { NodeKey } from '../../../node/auth/node-key.ts';
import { principal } from '../../../node/auth/principal.ts';

const key = 'sk-right+key/=';
const verifier = new Authenticator([new NodeKey(new Secret(key), principal('me', 'admin'))]);

function callerOf(headers: Record<string, string>, url = '/', places?: CredentialPlaces): string {
  return authenticate(verifier, headers, url, places).id;
}

function codeOf(headers: Record<string, string>, url = '/'): string {
  try {
    callerOf(headers, url);
    return 'accepted';
  } catch (error) {
    return String(Reflect.get(Object(error), 'code'));
  }
}

describe('a key is found', () => {
  it.each([
    ['OpenAI', { authorization: `Bearer ${key}` }],
    ['any case and spaces', { authorization: `bearer   ${key} ` }],
    ['Anthropic', { 'x-api-key': key }],
    ['Google', { 'x-goog-api-key': key }],
    ['Azure', { 'api-key': ` ${key}` }],
  ])('%s', (_name, headers) => {
    expect(callerOf(headers)).toBe('me');
  });

  it('in ?key=, wherever it stands and percent-encoded or not', () => {
    expect(callerOf({}, `/x?key=${encodeURIComponent(key)}`)).toBe('me');
    expect(callerOf({}, `/x?alt=sse&key=${key}&b=1`)).toBe('me');
  });

  it('in ?token= only for WebSocket', () => {
    expect(callerOf({}, `/ws?token=${key}`, webSocketCredentialPlaces)).toBe('me');
    expect(codeOf({}, `/ws?token=${key}`)).toBe('missing_credential');
  });

  it('behind wrong ones: the first that is known counts', () => {
    expect(callerOf({ authorization: 'Bearer placeholder', 'x-api-key': key })).toBe('me');
    expect(callerOf({ authorization: 'Bearer placeholder' }, `/?key=${key}`)).toBe('me');
  });

  it('in its order, also while one of them is not yet learned', async () => {
    const learned = new Set<string>();
    const learning: CredentialVerifier = {
      verify: (credential) => (learned.has(credential) ? principal('token', 'user') : verifier.verify(credential)),
      learn: (credential) =>
        credential === 'signed' && !learned.has(credential)
          ? Promise.resolve().then(() => void learned.add(credential))
          : undefined,
    };
    const headers = { authorization: 'Bearer signed', 'x-api-key': key };
    expect(() => authenticate(learning, headers, '/')).toThrow('not known');
    await learnCredential(learning, headers, '/');
    expect(authenticate(learning, headers, '/').id).toBe('token');
    expect(authenticate(learning, { authorization: 'Bearer forged', 'x-api-key': key }, '/').id).toBe('me');
  });

  it('in a header that a provider has of its own', () => {
    expect(callerOf({ 'x-my-key': key }, '/', { headers: ['x-my-key'], query: [] })).toBe('me');
  });
});

describe('a call is refused', () => {
  it.each([
    ['nothing', {}, '/', 'missing_credential'],
    ['an empty key', { 'x-api-key': ' ' }, '/?key=', 'missing_credential'],
    ['another scheme', { authorization: 'Basic Zm9vOmJhcg==' }, '/', 'missing_credential'],
    ['Bearer alone', { authorization: 'Bearer' }, '/', 'missing_credential'],
    ['a parameter that only ends so', {}, `/?monkey=${key}`, 'missing_credential'],
    ['a broken escape', {}, '/?key=%E0%A4', 'missing_credential'],
    ['a wrong key', { 'x-api-key': 'wrong' }, '/', 'bad_credential'],
    ['a prefix of the key', { 'x-api-key': key.slice(0, -1) }, '/', 'bad_credential'],
    ['the key and more', { 'x-api-key': `${key}0` }, '/', 'bad_credential'],
    ['far too long', { 'x-api-key': 'a'.repeat(credentialLengthMax + 1) }, '/', 'bad_credential'],
  ])('with %s', (_name, headers, url, code) => {
    expect(codeOf(headers as Record<string, string>, url)).toBe(code);
  });
});
