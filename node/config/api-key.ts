import { join } from 'node:path';
import { createFileAtomic } from '../../kit/atomic-file.ts';
import type { Random } from '../../kit/random.ts';
import { Secret } from '../../kit/secret.ts';
import { configFaults } from './faults.ts';
import { readBounded } from './read-file.ts';
import type { Settings } from './settings.ts';

/** 24 bytes are 192 bits: beyond guessing, and still one line to copy. */
const keyBytes = 24;
const fileName = 'api-key';

export interface KeyedSettings {
  /** As before, with an `api_key`. */
  settings: Settings & { api_key: Secret };
  /** True at the start that made the key; only then is it shown. */
  isGenerated: boolean;
}

/**
 * Gives the settings an API key: their own, else the one kept in the data folder, else a new one that is kept there
 * (0600). Two nodes that start at once end with the same key: the first writer wins. Throws `data_dir_unusable`.
 */
export async function withApiKey(settings: Settings, random: Random): Promise<KeyedSettings> {
  if (settings.api_key !== undefined)
    return { settings: { ...settings, api_key: settings.api_key }, isGenerated: false };
  const path = join(settings.data_dir, fileName);
  const kept = await readKept(path);
  if (kept !== undefined) return { settings: { ...settings, api_key: kept }, isGenerated: false };
  const made = new Secret(`sk-aiproxy-${Buffer.from(random.bytes(keyBytes)).toString('base64url')}`);
  if (await keep(path, made)) return { settings: { ...settings, api_key: made }, isGenerated: true };
  const other = await readKept(path);
  if (other === undefined) throw configFaults.data_dir_unusable(`${path}: it is empty; remove it to make a new key`);
  return { settings: { ...settings, api_key: other }, isGenerated: false };
}

async function readKept(path: string): Promise<Secret | undefined> {
  const file = await readBounded(path);
  if ('text' in file) return file.text.trim() === '' ? undefined : new Secret(file.text.trim());
  if (file.isAbsent) return undefined;
  throw configFaults.data_dir_unusable(`${path}: ${file.reason}; give another folder with --data-dir`);
}

async function keep(path: string, key: Secret): Promise<boolean> {
  try {
    return await createFileAtomic(path, `${key.reveal()}\n`);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw configFaults.data_dir_unusable(`${path}: cannot be written (${code}); give another folder with --data-dir`, {
      cause,
    });
  }
}
