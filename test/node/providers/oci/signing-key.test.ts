import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../../kit/secret.ts';
import { checkFingerprint, fingerprintOf, readSigningKey } from '../../../../node/providers/oci/signing-key.ts';
import { encryptedPem, escapedPem, keyForms, passPhrase, plainPem, rsaKey, rsaPublicPem } from './keys.ts';

const file = { field: 'key_file', path: '/keys/oci.pem' } as const;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const body = plainPem.split('\n').slice(1, -2);
const garbled = ['-----BEGIN PRIVATE KEY-----', ...body.slice(0, 4), '-----END PRIVATE KEY-----'].join('\n');
const openssh = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----\n';

describe('the signing key of an OCI account', () => {
  it.each(keyForms)('is read: %s', (_name, pem, isEncrypted) => {
    const key = readSigningKey(pem, file, isEncrypted ? new Secret(passPhrase) : undefined);
    expect(fingerprintOf(key)).toBe(fingerprintOf(rsaKey));
  });

  it('is read with a pass phrase that it does not need', () => {
    expect(fingerprintOf(readSigningKey(plainPem, file, new Secret('unused')))).toBe(fingerprintOf(rsaKey));
  });

  it('is read with line feeds written as backslash and n', () => {
    expect(fingerprintOf(readSigningKey(escapedPem, file, undefined))).toBe(fingerprintOf(rsaKey));
  });

  const bad: readonly [name: string, text: string, pass: string | undefined, field: string, says: RegExp][] = [
    ['no PEM', 'hello', undefined, 'key_file', /^key_file \/keys\/oci.pem holds no PEM; needed: /],
    ['a public key', rsaPublicPem, undefined, 'key_file', /holds a public key; needed: the private key/],
    ['a key that is cut off', garbled, undefined, 'key_file', /^key_file \/keys\/oci.pem does not parse \(ERR_/],
    ['an OpenSSH key', openssh, undefined, 'key_file', /OpenSSH form; needed: PEM \(ssh-keygen/],
    ['a key that is not RSA', ec.toString(), undefined, 'key_file', /is a key of type ec; needed: an RSA key/],
    ['no pass phrase', encryptedPem, undefined, 'pass_phrase', /^pass_phrase: missing; key_file .* is encrypted$/],
    ['no pass phrase, older form', keyForms[2]![1], undefined, 'pass_phrase', /^pass_phrase: missing/],
    ['a wrong pass phrase', encryptedPem, 'wrong', 'pass_phrase', /^pass_phrase: does not open key_file/],
    ['a wrong pass phrase, older form', keyForms[4]![1], 'wrong', 'pass_phrase', /^pass_phrase: does not open/],
  ];
  it.each(bad)('is refused in one line: %s', (_name, text, pass, field, says) => {
    const read = () => readSigningKey(text, file, pass === undefined ? undefined : new Secret(pass));
    expect(read).toThrow(expect.objectContaining({ code: 'oci_key_unusable', source: 'config', field }));
    expect(read).toThrow(says);
    try {
      read();
    } catch (error) {
      expect((error as Error).message).not.toMatch(/\n|MII/);
    }
  });

  it('is compared with the fingerprint of the settings, whatever its case', () => {
    checkFingerprint(rsaKey, ` ${fingerprintOf(rsaKey).toUpperCase()}`);
    expect(() => checkFingerprint(rsaKey, '00:11')).toThrow(
      `fingerprint: 00:11 is not that of the key, which has ${fingerprintOf(rsaKey)}`,
    );
  });
});
