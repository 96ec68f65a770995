import { join } from 'node:path';
import { createFileAtomic } from '../../../kit/atomic-file.ts';
import type { Random } from '../../../kit/random.ts';
import { Secret } from '../../../kit/secret.ts';
import { readBounded } from '../../../node/config/read-file.ts';

/** 32 bytes are 256 bits: as many as the key that is derived from it. */
const secretBytes = 32;

/**
 * The secret of nodes that one supervisor runs on one machine: kept in the folder that they share (0600), made at the
 * first start. The first of several writers wins.
 */
export async function sharedSecret(dataDir: string, random: Random): Promise<Secret> {
  const path = join(dataDir, 'cluster-secret');
  const kept = await readKept(path);
  if (kept !== undefined) return kept;
  const made = Buffer.from(random.bytes(secretBytes)).toString('base64url');
  if (await createFileAtomic(path, `${made}\n`, { mode: 0o600 })) return new Secret(made);
  const other = await readKept(path);
  if (other === undefined) throw new Error(`${path}: it is empty; remove it to make a new secret`);
  return other;
}

async function readKept(path: string): Promise<Secret | undefined> {
  const file = await readBounded(path);
  if (!('text' in file)) {
    if (file.isAbsent) return undefined;
    throw new Error(`${path}: ${file.reason}; give another folder with --data-dir`);
  }
  const text = file.text.trim();
  return text === '' ? undefined : new Secret(text);
}
