import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Path of a file of this repository, from its root. */
export function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** Why a program cannot be used, with the Debian package that brings it. */
export function missingProgram(program: string, versionFlag: string): string | undefined {
  const isMissing = spawnSync(program, [versionFlag]).error !== undefined;
  return isMissing ? `${program} is not installed (apt-get install ${program})` : undefined;
}
