import type { Stats } from 'node:fs';

/** What tells one content of a file from the next without reading it; undefined for a file that is not there. */
export type FileMark = string | undefined;

/** A program that replaces the file gives it another inode, one that writes into it another time or size; the last time is that of its permissions too. */
export function fileMarkOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}`;
}
