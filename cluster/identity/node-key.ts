import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { identityFaults } from './faults.ts';
import { readOrMake } from './kept-file.ts';

const fileName = 'node-key.pem';

/**
 * The Ed25519 key that makes a node the same peer after a restart: 32 bytes of seed, 32 of the public key. Kept in
 * `folder` (PKCS #8, 0600) and made there at the first start. Throws `identity_unusable`.
 */
export async function keepNodeKey(folder: string): Promise<Uint8Array> {
  const path = join(folder, fileName);
  const { text } = await readOrMake(path, makeKey, (message, cause) =>
    identityFaults.identity_unusable(message, { cause }),
  );
  const key = parseKey(text);
  if (key?.asymmetricKeyType === 'ed25519') return rawKey(key);
  throw identityFaults.identity_unusable(
    `${path}: it holds no Ed25519 key; restore it, or remove it and the node is a new peer`,
  );
}

function makeKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

function parseKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    // The error quotes nothing of the file but says nothing useful either; the caller names the file.
    return undefined;
  }
}

function rawKey(key: KeyObject): Uint8Array {
  const { d = '', x = '' } = key.export({ format: 'jwk' });
  return new Uint8Array(Buffer.concat([Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]));
}
