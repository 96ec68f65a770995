import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Environment } from './origin.ts';
import { readBounded } from './read-file.ts';

/** The real environment over what `.env` in the working folder says. A folder without one is usual. */
export async function withDotenv(
  environment: Environment,
  cwd: string,
): Promise<{ environment: Environment; errors: string[] }> {
  const file = await readBounded(join(cwd, '.env'));
  if ('text' in file) return { environment: { ...parseEnv(file.text), ...environment }, errors: [] };
  return { environment, errors: file.isAbsent ? [] : [`.env: ${file.reason}`] };
}
