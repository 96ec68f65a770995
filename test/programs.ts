import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs that some suites need and that are not npm packages, with the Debian package that brings each. */
export const debianPackages = {
  nginx: 'nginx',
  haproxy: 'haproxy',
  wrk: 'wrk',
  'redis-server': 'redis-server',
  postgres: 'postgresql',
  chromium: 'chromium',
  script: 'bsdutils',
} as const;

export type ProgramName = keyof typeof debianPackages;

/** Path of a program, or undefined. A suite says `describe.skipIf(findProgram('nginx') === undefined)`. */
export function findProgram(name: ProgramName): string | undefined {
  return folders()
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

// Debian keeps servers in sbin and PostgreSQL's programs in a folder for each version; a user's PATH has neither.
function folders(): string[] {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return [...path, '/usr/sbin', '/usr/local/sbin', ...postgresFolders()];
}

function postgresFolders(): string[] {
  try {
    return readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`);
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
