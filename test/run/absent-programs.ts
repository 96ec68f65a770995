import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianPackages, findProgram, type ProgramName } from '../programs.ts';

/** A line for each program that is not here and that suites look for, with those suites and the package to install. */
export function absentPrograms(testFolder: string): string[] {
  const suites = testFiles(testFolder);
  return Object.keys(debianPackages)
    .map((name) => name as ProgramName)
    .filter((name) => findProgram(name) === undefined)
    .flatMap((name) => {
      const waiting = suites.filter(({ text }) => text.includes(`findProgram('${name}')`)).map(({ path }) => path);
      if (waiting.length === 0) return [];
      return `SKIPPED for want of ${name} (apt-get install ${debianPackages[name]}): ${waiting.join(', ')}`;
    });
}

function testFiles(folder: string): { path: string; text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => ({ path: join('test', path), text: readFileSync(join(folder, path), 'utf8') }));
}
