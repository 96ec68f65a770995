import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface LockedPackage {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, LockedPackage> };

/** Where Node.js looks for what a package at `place` imports: its own folder first, then those above it. */
function isLocked(name: string, place: string): boolean {
  let at = place;
  while (lock.packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] === undefined) {
    if (at === '') return false;
    at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1));
  }
  return true;
}

// `npm ci` refuses a lock file that lacks any of them, other systems' native parts included. `npm install` leaves out
// those that its registry does not have.
it('locks every dependency of every package, for every system', () => {
  const missing = Object.entries(lock.packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isLocked(name, place))
      .map((name) => `${place}: ${name}`),
  );
  expect(missing).toEqual([]);
});
