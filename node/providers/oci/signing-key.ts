import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Fault } from '../../../kit/fault.ts';
import type { Secret } from '../../../kit/secret.ts';
import { ociFaults } from './faults.ts';

/** Where a key came from, for messages: the field, and what a person calls the thing that it names. */
export interface KeySource {
  field: 'key_file' | 'key_content';
  /** Path of the file; absent for a key that stands in the settings. */
  path?: string;
}

/**
 * Reads an API signing key: PKCS#1 or PKCS#8, plain or encrypted, with line ends of any kind, also as the two
 * characters `\n` (a PEM in a variable), and with the label `OCI_API_KEY` that Oracle's console adds below. Throws
 * `oci_key_unusable`.
 */
export function readSigningKey(text: string, source: KeySource, passPhrase: Secret | undefined): KeyObject {
  const block = privateKeyBlock(text.includes('\\n') ? text.replaceAll(/\\r\\n|\\n/g, '\n') : text, source);
  const key = parseBlock(block, source, passPhrase);
  if (key.asymmetricKeyType === 'rsa') return key;
  throw unusable(source, `is a key of type ${key.asymmetricKeyType}; needed: an RSA key`);
}

/** Fingerprint of a key as Oracle shows it: MD5 of the public half (DER, SubjectPublicKeyInfo), pairs with colons. */
export function fingerprintOf(key: KeyObject): string {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return createHash('md5')
    .update(der)
    .digest('hex')
    .replaceAll(/(..)(?!$)/g, '$1:');
}

/** Throws `oci_key_unusable` when the account's fingerprint is that of another key: every request would be refused. */
export function checkFingerprint(key: KeyObject, fingerprint: string): void {
  const own = fingerprintOf(key);
  if (fingerprint.trim().toLowerCase() === own) return;
  throw ociFaults.oci_key_unusable(`fingerprint: ${fingerprint} is not that of the key, which has ${own}`, {
    field: 'fingerprint',
  });
}

const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

function privateKeyBlock(text: string, source: KeySource): string {
  const blocks = [...text.matchAll(pemBlock)].map(([block, label]) => ({ block, label: label ?? '' }));
  const found = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (found === undefined) {
    const [other] = blocks;
    const instead = other === undefined ? 'holds no PEM' : `holds a ${other.label.toLowerCase()}`;
    throw unusable(source, `${instead}; needed: the private key in PEM form (BEGIN … PRIVATE KEY)`);
  }
  if (found.label !== 'OPENSSH PRIVATE KEY') return found.block;
  throw unusable(source, 'holds a key in OpenSSH form; needed: PEM (ssh-keygen -p -m PEM turns it into one)');
}

function parseBlock(block: string, source: KeySource, passPhrase: Secret | undefined): KeyObject {
  const isEncrypted = /ENCRYPTED/.test(block.slice(0, 200));
  if (isEncrypted && passPhrase === undefined) {
    throw ociFaults.oci_key_unusable(`pass_phrase: missing; ${nameOf(source)} is encrypted`, { field: 'pass_phrase' });
  }
  try {
    return createPrivateKey({
      key: block,
      format: 'pem',
      ...(isEncrypted ? { passphrase: passPhrase!.reveal() } : {}),
    });
  } catch (error) {
    throw isEncrypted ? closedKey(error, block, source) : unusable(source, `does not parse (${wordOf(error)})`);
  }
}

/** A wrong pass phrase shows as bad padding, now and then as rubbish behind it, which looks like an unknown form. */
function closedKey(error: unknown, block: string, source: KeySource): Fault {
  const code = codeOf(error);
  const cipher = /DEK-Info: ([A-Z0-9-]+)/.exec(block)?.[1];
  const doubt = cipher === undefined ? '' : ` (or its cipher ${cipher} is not supported here)`;
  return ociFaults.oci_key_unusable(
    `pass_phrase: does not open ${nameOf(source)}${code === 'ERR_OSSL_BAD_DECRYPT' ? '' : doubt}`,
    { field: 'pass_phrase' },
  );
}

function unusable(source: KeySource, what: string): Fault {
  return ociFaults.oci_key_unusable(`${nameOf(source)} ${what}`, { field: source.field });
}

function nameOf({ field, path }: KeySource): string {
  return path === undefined ? field : `${field} ${path}`;
}

/** OpenSSL's code and nothing of its text, which may quote what it read. */
function wordOf(error: unknown): string {
  return codeOf(error) ?? 'not a key';
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
