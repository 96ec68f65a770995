import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CredentialVerifier } from '../../../node/auth/contract.ts';
import { authenticate, learnCredential } from '../../../node/auth/find-credential.ts';
import { keyPlaces } from '../../../node/auth/key-places.ts';
import { principal } from '../../../node/auth/principal.ts';
import { authSettings, keyPlaceSettings, keyPlacesSettings } from '../../../node/auth/settings.ts';

const settings = keyPlacesSettings.parse({
  'gemini-cli': { headers: ['X-Goog-Api-Key'], query: 'key,k2' },
  default: { headers: 'authorization' },
});
const places = keyPlaces(settings, ['gemini-cli', 'oci']);
const verifier: CredentialVerifier = {
  verify: (credential) => (credential === 'right' ? principal('me', 'user') : undefined),
  learn: () => undefined,
};

function codeAt(provider: string, headers: Record<string, string>, url = '/'): string {
  try {
    return authenticate(verifier, headers, url, places.get(provider)).id;
  } catch (error) {
    return String(Reflect.get(Object(error), 'code'));
  }
}

describe('places of keys', () => {
  it('are those of the provider, and what is not named is not looked at', () => {
    expect(codeAt('gemini-cli', { 'x-goog-api-key': 'right' })).toBe('me');
    expect(codeAt('gemini-cli', {}, '/x?k2=right')).toBe('me');
    expect(codeAt('gemini-cli', { authorization: 'Bearer right' })).toBe('missing_credential');
    expect(codeAt('gemini-cli', { 'x-api-key': 'right' }, '/x?token=right')).toBe('missing_credential');
  });

  it('are those of `default` for a provider that is not named', () => {
    expect(codeAt('oci', { authorization: 'Bearer right' })).toBe('me');
    expect(codeAt('oci', { 'x-goog-api-key': 'right' }, '/x?key=right')).toBe('missing_credential');
    expect(keyPlaces(keyPlacesSettings.parse({}), ['oci']).size).toBe(0);
  });

  it.each([
    'Cookie',
    'host',
    'Content-Length',
    'transfer-encoding',
    'x-forwarded-for',
    'set-cookie',
    'a b',
    'a:b',
    'x\r\ny',
    '',
  ])('are never the header %j', (name) => {
    expect(keyPlaceSettings.safeParse({ headers: [name] }).success).toBe(false);
  });

  it.each(['a=b', 'a&b', 'a b', '', 'a#b', 'k'.repeat(65)])('are never the parameter %j', (name) => {
    expect(keyPlaceSettings.safeParse({ query: [name] }).success).toBe(false);
  });

  it('are read from any text without an error, and only names of headers come of it', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (names) => {
        const parsed = keyPlaceSettings.safeParse({ headers: names });
        if (parsed.success)
          for (const name of parsed.data.headers) expect(name).toMatch(/^[^\s:;,"()/<=>?@[\\\]{}A-Z]+$/);
      }),
    );
  });
});

describe('learning', () => {
  const learnedOf = async (headers: Record<string, string>, url: string) => {
    const asked: string[] = [];
    const learning = learnCredential(
      {
        verify: () => undefined,
        learn(credential) {
          asked.push(credential);
          return credential.startsWith('eyJ') ? Promise.resolve() : undefined;
        },
      },
      headers,
      url,
    );
    return { asked, result: learning === undefined ? 'nothing' : await learning };
  };

  it('is worth waiting for where one of the credentials is a token', async () => {
    const headers = { authorization: 'Bearer placeholder', 'x-api-key': 'eyJ1' };
    expect(await learnedOf(headers, '/x?key=eyJ2')).toEqual({
      asked: ['placeholder', 'eyJ1', 'eyJ2'],
      result: undefined,
    });
    expect(await learnedOf({ authorization: 'Bearer placeholder' }, '/')).toEqual({
      asked: ['placeholder'],
      result: 'nothing',
    });
    expect(await learnedOf({ cookie: 'eyJ3' }, '/?other=eyJ4')).toEqual({ asked: [], result: 'nothing' });
  });
});

describe('the settings', () => {
  it('take no weak password for the first admin, and say nothing of it', () => {
    expect(authSettings.parse({}).lockout_failures).toBe(5);
    for (const admin_password of ['short', 'x'.repeat(1_025), ['a'], ''])
      expect(authSettings.safeParse({ admin_password }).success).toBe(false);
    expect(JSON.stringify(authSettings.parse({ admin_password: 'long enough 1' }))).not.toContain('long enough');
  });
});
