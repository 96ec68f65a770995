/** `npm run demo` as people run it: all of it in processes of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { requestSteps } from '../../cli/program/demo/request-steps.ts';
import { findProgram } from '../programs.ts';
import { compiledFolder } from '../run/compiled-folder.ts';
import { isRunning, until } from './until.ts';

// Three processes take seconds to start, and many where the machine has other things to do.
vi.setConfig({ testTimeout: 300_000 });

const entry = resolve(import.meta.dirname, '../../cli/main.ts');
const nginx = findProgram('nginx');

/** For temporary files of one test alone. */
let folder: string;
let child: ChildProcess;
let text: string;

function startDemo(...args: readonly string[]): void {
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: folder, XDG_CACHE_HOME: compiledFolder };
  child = spawn(process.execPath, [entry, 'demo', '--port', '0', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
}

/** Waits for a line; throws with all that was said where the demo ends without it. */
async function said(pattern: RegExp): Promise<RegExpExecArray> {
  await until(() => {
    if (!pattern.test(text) && child.exitCode !== null) throw new Error(`the demo ended:\n${text}`);
    return pattern.test(text);
  });
  return pattern.exec(text)!;
}

const pids = (): number[] => [...text.matchAll(/\(pid (\d+)\)/g)].map(([, pid]) => Number(pid));

/** Folders of the demo. */
async function demoFolders(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('aiproxy-demo-'));
}

async function nginxPid(): Promise<number> {
  const [own = ''] = await demoFolders();
  return Number(await readFile(join(folder, own, 'nginx/nginx.pid'), 'utf8'));
}

async function isNothingLeft(running: readonly number[]): Promise<void> {
  await until(() => !running.some(isRunning));
  await until(async () => (await demoFolders()).length === 0);
}

describe('the demo', () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aiproxy-test-'));
  });
  afterEach(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    // The guard of the demo empties it.
    await until(async () => (await demoFolders()).length === 0);
    await rm(folder, { recursive: true });
  });

  it.skipIf(nginx === undefined)('shows its steps, with nginx in front, and ends with 0', async () => {
    startDemo('--once');
    const [code] = (await once(child, 'close')) as [number | null];
    expect(text).toContain('Requests, through nginx');
    expect(text).not.toContain('FAILED');
    for (const title of ['Started', 'Formed', 'Breaker', 'Cache, shared', 'Cache, cleared', 'Account, disabled'])
      expect(text).toMatch(new RegExp(`^ {2}ok ${title} .*\\d m?s {2}\\S`, 'm'));
    for (const { title } of requestSteps) expect(text).toContain(`  ok ${title} `);
    for (const title of ['Leader killed', 'Noticed', 'New leader', 'Back again'])
      expect(text).toContain(`  ok ${title} `);
    expect(text).toMatch(/ok Requests meanwhile .* through nginx: 0 failed/);
    expect(text).toMatch(/3 of 3 members alive, as node1 sees them; leader node\d .*; converged/);
    expect(text).toMatch(/ANTHROPIC_BASE_URL=http:\/\/127\.0\.0\.1:\d+ ANTHROPIC_AUTH_TOKEN=sk-aiproxy-\S+ claude/);
    expect(code).toBe(0);
    expect(pids()).toHaveLength(3);
    await isNothingLeft(pids());
  });

  it('stays up, starts a node again that somebody kills, and on SIGINT leaves no process and no folder', async () => {
    startDemo('--no-nginx');
    await said(/Ctrl-C ends/);
    const [, url = ''] = await said(/URL {4}(\S+)/);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    const [, killed = ''] = await said(/kill -9 (\d+)/);
    process.kill(Number(killed), 'SIGKILL');
    await said(/node3 ended \(SIGKILL\)/);
    await said(/node3 is back/);
    const running = pids();
    expect(running.filter(isRunning).length).toBeGreaterThanOrEqual(2);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await isNothingLeft(running);
  });

  it.skipIf(nginx === undefined)('leaves nothing behind even when it is killed', async () => {
    startDemo();
    await said(/ok Formed/);
    const running = [...pids(), await nginxPid()];
    expect(running).toHaveLength(4);
    expect(running.filter(isRunning)).toHaveLength(4);
    child.kill('SIGKILL');
    await isNothingLeft(running);
  });
});
