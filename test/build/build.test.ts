import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
let folder = '';
let built = '';

beforeAll(async () => {
  // Inside the checkout, so that the packages are found; under dist/, so that git does not see it.
  await mkdir(join(root, 'dist'), { recursive: true });
  folder = await mkdtemp(join(root, 'dist/build-test-'));
  built = join(folder, 'out');
  await run(process.execPath, [join(root, 'build.ts'), built], { cwd: root });
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the built package', () => {
  test('shows its help', async () => {
    const { stdout } = await run(process.execPath, [join(built, 'cli/main.js'), '--help']);
    expect(stdout).toContain('aiproxy');
    expect(stdout).toContain('start');
  });

  test('may be run as a program', async () => {
    await expect(access(join(built, 'cli/main.js'), constants.X_OK)).resolves.toBeUndefined();
  });

  test('keeps the markers that tell CommonJS from modules', async () => {
    const marker = async (path: string) => JSON.parse(await readFile(join(built, path), 'utf8')) as unknown;
    expect(await marker('cli/package.json')).toMatchObject({ type: 'commonjs' });
    expect(await marker('cli/program/package.json')).toMatchObject({ type: 'module' });
  });

  test('holds the upstream of the demo and no TypeScript', async () => {
    const files = await readdir(built, { recursive: true });
    expect(files).toContain('test/upstream/upstream.js');
    expect(files.filter((file) => file.endsWith('.ts'))).toEqual([]);
  });

  test('imports nothing by a TypeScript name', async () => {
    const files = (await readdir(built, { recursive: true })).filter((file) => file.endsWith('.js'));
    const texts = await Promise.all(files.map((file) => readFile(join(built, file), 'utf8')));
    const wrong = files.filter((_, index) =>
      /(?:from|import\(|new URL\()\s*['"]\.[^'"]*\.ts['"]/.test(texts[index] ?? ''),
    );
    expect(files.length).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
  });
});
