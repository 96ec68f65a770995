import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Debian and others keep servers where the PATH of most users does not look. */
const serverFolders = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'];

/** Where a program is, in the folders of this PATH and those that servers are kept in; undefined where it is not. */
export async function findProgram(name: string, path: string | undefined): Promise<string | undefined> {
  const folders = [...(path ?? '').split(delimiter).filter(Boolean), ...serverFolders];
  for (const folder of folders) if (await isExecutable(join(folder, name))) return join(folder, name);
  return undefined;
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
