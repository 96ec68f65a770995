import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test('deploy/nginx.conf is the block of the README', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const block = /```nginx\n([\s\S]*?)```/.exec(readme)?.[1];
  expect(await readFile(join(root, 'deploy/nginx.conf'), 'utf8')).toBe(block);
});
