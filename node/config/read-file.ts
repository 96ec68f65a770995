import { open } from 'node:fs/promises';

/** Configuration is written by people: 1,000 accounts take 300 kB. */
const fileSizeMax = 1_048_576;

export type ReadFile = { text: string } | { reason: string; isAbsent: boolean };

/** Reads a small text file, or says in words why it cannot. Devices and pipes that never end are cut off too. */
export async function readBounded(path: string, sizeMax = fileSizeMax): Promise<ReadFile> {
  try {
    const file = await open(path, 'r');
    try {
      const buffer = Buffer.allocUnsafe(sizeMax + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length);
        length += bytesRead;
        if (bytesRead === 0 || length === buffer.length) break;
      }
      if (length > sizeMax) return { reason: `larger than ${sizeMax} bytes`, isAbsent: false };
      return { text: buffer.toString('utf8', 0, length).replace(/^\uFEFF/, '') };
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return { reason: reasonOf(code), isAbsent: code === 'ENOENT' };
  }
}

function reasonOf(code: string): string {
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'this user may not read it';
  if (code === 'EISDIR') return 'it is a folder';
  return `it cannot be read (${code})`;
}
