import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findProgram } from '../../../../cli/program/demo/find-program.ts';

const [first, second] = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'aiproxy-test-'))) as [string, string];
afterAll(() => [first, second].forEach((folder) => rmSync(folder, { recursive: true })));

it('finds what can be run, in the order of the PATH', async () => {
  const name = 'a-program-of-this-test';
  expect(await findProgram(name, undefined)).toBeUndefined();
  writeFileSync(join(first, name), 'no program');
  writeFileSync(join(second, name), '#!/bin/sh');
  chmodSync(join(second, name), 0o755);
  expect(await findProgram(name, [first, second].join(delimiter))).toBe(join(second, name));
});
