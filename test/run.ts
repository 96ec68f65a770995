/**
 * `npm test`: types, lint and format, then every test, and a last line that machines can read:
 * `N passed, N failed, N skipped`. With arguments, those tests alone (`npm test -- test/kit`), without the checks.
 *
 * Suites that need a program that is not here are skipped, loudly; with CI=true a skip is a failure.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Counts, countsOf } from './run/counts.ts';
import { absentPrograms } from './run/absent-programs.ts';

const root = join(import.meta.dirname, '..');
const asked = process.argv.slice(2);
const isStrict = process.env['CI'] === 'true';

const failedChecks = asked.length > 0 ? [] : checks();
const absent = absentPrograms(join(root, 'test'));
const counts = tests();
sum(failedChecks, absent, counts);

/** Runs the checks one after the other and gives the names of those that failed. */
function checks(): string[] {
  const all: Record<string, string[]> = {
    typecheck: ['typescript/bin/tsc', '--noEmit'],
    lint: ['oxlint/bin/oxlint'],
    'format:check': ['prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn'],
  };
  return Object.entries(all).flatMap(([name, [program = '', ...args]]) => {
    console.log(`> ${name}`);
    return node(program, args) === 0 ? [] : name;
  });
}

function tests(): Counts {
  const folder = mkdtempSync(join(tmpdir(), 'aiproxy-test-run-'));
  const file = join(folder, 'results.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const status = node('vitest/vitest.mjs', ['run', ...reporters, ...asked]);
  const counts = countsOf(file, status);
  rmSync(folder, { recursive: true, force: true });
  return counts;
}

function node(program: string, args: readonly string[]): number {
  const path = join(root, 'node_modules', program);
  return spawnSync(process.execPath, [path, ...args], { cwd: root, stdio: 'inherit' }).status ?? 1;
}

function sum(checksFailed: readonly string[], lines: readonly string[], { passed, failed, skipped }: Counts): void {
  for (const name of checksFailed) console.log(`FAILED: npm run ${name}`);
  for (const line of lines) console.log(line);
  if (isStrict && skipped > 0) console.log(`FAILED: CI=true, and ${skipped} tests were skipped`);
  console.log(`\n${passed} passed, ${failed + checksFailed.length} failed, ${skipped} skipped`);
  process.exitCode = failed + checksFailed.length > 0 || passed === 0 || (isStrict && skipped > 0) ? 1 : 0;
}
