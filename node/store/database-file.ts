import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes an empty file where there is none, and the file readable by its owner only; its folder likewise if it is new. */
export function makePrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // SQLite would make it readable for all; its journal inherits what the file has.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

/** Gives a damaged database another name, with the journals beside it, for a person to look at; the new name. */
export function moveAside(path: string, nowMs: number): string {
  const aside = `${path}.broken-${Math.floor(nowMs)}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}
