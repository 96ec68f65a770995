import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const rows = readFileSync(join(root, 'SECURITY.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('](test/'));

it('finds the claims', () => {
  expect(rows.length).toBeGreaterThan(20);
});

it('each claim of SECURITY.md names tests that are there', () => {
  expect(rows.flatMap(missingTests)).toEqual([]);
});

/** `[page](file): "title", "title"; [page](file): "title"` */
function missingTests(row: string): string[] {
  const groups = [...row.matchAll(/\]\((test\/[^)]+)\):((?: "[^"]+",?)+)/g)];
  if (groups.length === 0) return [`no test in: ${row}`];
  return groups.flatMap(([, file = '', titles = '']) => {
    const text = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '';
    const names = [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title);
    return names.filter((title) => !text.includes(title)).map((title) => `${file}: ${title}`);
  });
}
