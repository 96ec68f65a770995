import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readKept, readOrMake } from '../identity/kept-file.ts';
import { clusterSecretFaults } from './faults.ts';

const fileName = 'seal-key';
const form = /^[0-9a-f]{64}\n?$/;

const complain = (message: string, cause: unknown) => clusterSecretFaults.cluster_secret_unusable(message, { cause });

/** The key under which a node alone seals, made in its folder (0600). Throws `cluster_secret_unusable`. */
export async function keepOwnSealKey(folder: string): Promise<Uint8Array> {
  const path = join(folder, fileName);
  const { text } = await readOrMake(path, () => `${randomBytes(32).toString('hex')}\n`, complain);
  return parseKey(path, text);
}

/** The same, or undefined for a node that was never alone. */
export async function readOwnSealKey(folder: string): Promise<Uint8Array | undefined> {
  const path = join(folder, fileName);
  const text = await readKept(path, complain);
  return text === undefined ? undefined : parseKey(path, text);
}

function parseKey(path: string, text: string): Uint8Array {
  if (form.test(text)) return new Uint8Array(Buffer.from(text.trim(), 'hex'));
  throw complain(`${path}: it holds no key; restore it, or remove it and log in to the accounts again`, undefined);
}
