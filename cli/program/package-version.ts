import { readFile } from 'node:fs/promises';
import { isJsonObject } from '../../kit/json.ts';

/** From the source the package's root is three folders up, from `dist` four. */
const levelsMax = 5;

/** Version in the `package.json` of aiproxy, wherever this file was built to. */
export async function packageVersion(): Promise<string> {
  let folder = new URL('.', import.meta.url);
  for (let level = 0; level < levelsMax; level++) {
    const found = await versionIn(new URL('package.json', folder));
    if (found !== undefined) return found;
    folder = new URL('..', folder);
  }
  return 'unknown';
}

async function versionIn(file: URL): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  const value: unknown = JSON.parse(text);
  const isOurs = isJsonObject(value) && value['name'] === 'aiproxy' && typeof value['version'] === 'string';
  return isOurs ? String(value['version']) : undefined;
}
