import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export interface Import {
  line: number;
  /** As written: `./x.ts`, `node:fs`, `zod`. */
  specifier: string;
  /** From the root, for one of our files: `kit/clock.ts`. */
  target: string | undefined;
}

export interface SourceFile {
  /** From the root: `node/http/server.ts`. */
  path: string;
  lines: string[];
  imports: Import[];
}

const importForm = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"]+)\1/g;

/** All TypeScript files under some folders of the root. */
export function readSources(folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    listFiles(join(root, folder)).map((file) => parseSource(relative(root, file), readFileSync(file, 'utf8'))),
  );
}

/** Finds every import of a file, also of types, of `export … from` and of `import(…)`. */
export function parseSource(path: string, text: string): SourceFile {
  const lines = text.split('\n');
  const imports = lines.flatMap((line, index) => {
    if (isComment(line)) return [];
    return [...line.matchAll(importForm)].map(([, , specifier = '']) => ({
      line: index + 1,
      specifier,
      target: specifier.startsWith('.') ? join(dirname(path), specifier) : undefined,
    }));
  });
  return { path, lines, imports };
}

export function isComment(line: string): boolean {
  return /^\s*(?:\/\/|\/\*|\*)/.test(line);
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}
