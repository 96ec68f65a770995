import { readFile } from 'node:fs/promises';
import { createFileAtomic } from '../../kit/atomic-file.ts';
import type { Fault } from '../../kit/fault.ts';

/** Turns why a file of the node cannot be used into the Fault of the room whose file it is. */
export type FileComplaint = (message: string, cause: unknown) => Fault;

/** The text of a file, or undefined when there is none. Any other failure is a Fault that names the file. */
export async function readKept(path: string, complain: FileComplaint): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw complain(`${path}: cannot be read (${codeOf(error)})`, error);
  }
}

/** The text of a file, made (0600) when there is none; of several that make it at once, all get the first one's. */
export async function readOrMake(
  path: string,
  make: () => string,
  complain: FileComplaint,
): Promise<{ readonly text: string; readonly isMade: boolean }> {
  const kept = await readKept(path, complain);
  if (kept !== undefined) return { text: kept, isMade: false };
  const made = make();
  const isMade = await createFileAtomic(path, made).catch((error: unknown) => {
    throw complain(`${path}: cannot be written (${codeOf(error)})`, error);
  });
  if (isMade) return { text: made, isMade };
  const other = await readKept(path, complain);
  if (other === undefined) throw complain(`${path}: it was removed while it was read`, undefined);
  return { text: other, isMade };
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
