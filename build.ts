/**
 * Builds the package's JavaScript: `node build.ts [FOLDER]` (dist). The scripted upstream under test/upstream is part of
 * it, since `aiproxy demo` answers from it.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';

const root = import.meta.dirname;
const out = resolve(process.argv[2] ?? join(root, 'dist'));
const sources = ['kit', 'cluster', 'node', 'cli', 'test/upstream'];
/** What is compiled, and what is for readers of the sources. All else is needed at run time: pages, package markers. */
const notCopied = new Set(['.ts', '.md']);

if (out === root || root.startsWith(`${out}/`)) throw new Error(`${out} holds the sources and would be emptied`);
rmSync(out, { recursive: true, force: true });
compile();
for (const source of sources) for (const file of filesUnder(join(root, source))) copy(file);
// npm does this for `bin` on install; whoever runs the file from a checkout wants it too.
chmodSync(join(out, 'cli/main.js'), 0o755);

function compile(): void {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const args = [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', out];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function filesUnder(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function copy(file: string): void {
  if (notCopied.has(extname(file))) return;
  const target = join(out, relative(root, file));
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(file, target);
}
