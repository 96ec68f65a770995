import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nginxConfiguration } from '../../cli/program/cluster/nginx-configuration.ts';

const root = join(import.meta.dirname, '../..');

test('deploy/nginx.conf is the block of the README', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const block = /```nginx\n([\s\S]*?)```/.exec(readme)?.[1];
  expect(await readFile(join(root, 'deploy/nginx.conf'), 'utf8')).toBe(block);
});

test('deploy/nginx.conf is what aiproxy cluster nginx --full writes', async () => {
  const addresses = ['127.0.0.1:3000', '127.0.0.1:3001', '127.0.0.1:3002'];
  expect(await readFile(join(root, 'deploy/nginx.conf'), 'utf8')).toBe(nginxConfiguration({ addresses, listen: 8080 }));
});
