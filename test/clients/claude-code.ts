import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compiledFolder } from '../run/compiled-folder.ts';

export interface ClaudeCodeRun {
  code: number | null;
  /** The one JSON value that `--output-format json` prints; undefined when there is none. */
  result: { result: string; is_error: boolean; num_turns: number; usage: { input_tokens: number } } | undefined;
  output: string;
}

export interface ClaudeCodeOptions {
  baseUrl: string;
  /** Sent as `Authorization: Bearer`. */
  token: string;
  model: string;
  args?: readonly string[];
  /** Files that lie in its working folder, by name. */
  files?: Record<string, string>;
}

/** A run takes a few seconds; one that takes longer hangs. */
const timeLimitMs = 60_000;

const cli = join(dirname(createRequire(import.meta.url).resolve('@anthropic-ai/claude-code/package.json')), 'cli.js');

/** Runs the real Claude Code once, without a terminal, in a home and a folder of its own. */
export async function runClaudeCode(prompt: string, options: ClaudeCodeOptions): Promise<ClaudeCodeRun> {
  const home = await mkdtemp(join(tmpdir(), 'claude-home-'));
  const work = await mkdtemp(join(tmpdir(), 'claude-work-'));
  try {
    for (const [name, text] of Object.entries(options.files ?? {})) await writeFile(join(work, name), text);
    return await run(prompt, options, home, work);
  } finally {
    for (const folder of [home, work]) await rm(folder, { recursive: true, force: true });
  }
}

function run(prompt: string, options: ClaudeCodeOptions, home: string, work: string): Promise<ClaudeCodeRun> {
  const args = [cli, '-p', prompt, '--output-format', 'json', '--model', options.model, ...(options.args ?? [])];
  const child = spawn(process.execPath, args, {
    cwd: work,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      NODE_COMPILE_CACHE: compiledFolder,
      CLAUDE_CONFIG_DIR: join(home, '.claude'),
      // What it keeps among the temporary files goes with its home.
      TMPDIR: home,
      CLAUDE_CODE_TMPDIR: home,
      ANTHROPIC_BASE_URL: options.baseUrl,
      ANTHROPIC_AUTH_TOKEN: options.token,
      // The background model, for titles and the like: the same, so that nothing asks for a name we do not serve.
      ANTHROPIC_SMALL_FAST_MODEL: options.model,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      // It then reports failures at once in place of trying ten times.
      CLAUDE_CODE_MAX_RETRIES: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it starts goes with it.
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve) => {
    const timer = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), timeLimitMs);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, result: resultIn(output), output });
    });
  });
}

function resultIn(output: string): ClaudeCodeRun['result'] {
  const line = output.split('\n').find((text) => text.startsWith('{"type":"result"'));
  return line === undefined ? undefined : (JSON.parse(line) as ClaudeCodeRun['result']);
}
