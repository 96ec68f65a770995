import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const main = resolve('cli/main.ts');
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aiproxy-main-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function aiproxy(env: Record<string, string>) {
  return spawnSync(process.execPath, [main, 'version'], { env, cwd: folder, encoding: 'utf8' });
}

it('keeps its modules as compiled, in the cache folder of its user', () => {
  expect(aiproxy({ HOME: folder }).status).toBe(0);
  expect(readdirSync(join(folder, '.cache/aiproxy'))).not.toEqual([]);
});

it('keeps them where XDG_CACHE_HOME says', () => {
  expect(aiproxy({ HOME: folder, XDG_CACHE_HOME: join(folder, 'elsewhere') }).status).toBe(0);
  expect(readdirSync(folder)).toEqual(['elsewhere']);
});

it('runs all the same where there is no folder to keep them in', () => {
  const { status, stderr } = aiproxy({ HOME: '/dev/null/nowhere' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

it('says nothing where nobody reads what it prints', async () => {
  const child = spawn(process.execPath, [main, 'help'], { env: { HOME: folder }, cwd: folder });
  child.stdout.destroy();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = await once(child, 'close');
  expect({ code, said }).toEqual({ code: 0, said: '' });
});
