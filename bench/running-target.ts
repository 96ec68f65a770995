import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type ChildProcesses, unlessEnded } from './child-processes.ts';
import type { Target } from './targets/contract.ts';

export interface StartOrder {
  readonly target: Target;
  readonly children: ChildProcesses;
  readonly core: number | undefined;
  readonly upstreamPort: number;
  /** Folder of this run; the target gets a folder of its own inside. */
  readonly runFolder: string;
  readonly nodeFlags?: readonly string[];
}

export interface RunningTarget {
  readonly target: Target;
  readonly pid: number;
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  /** From spawning the process to its first 200, in milliseconds. */
  readonly readyMs: number;
  readonly stop: () => Promise<void>;
}

/** A target that is not ready by then is not measured. */
const readyWithinMs = 15_000;
/** Between two questions whether it is ready: the error of a cold-start figure. */
const pollMs = 4;

let starts = 0;

export async function startTarget(order: StartOrder): Promise<RunningTarget> {
  const { target, children, core, upstreamPort } = order;
  const folder = join(order.runFolder, `${target.name}-${++starts}`);
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const launch = await target.prepare({ port, upstreamPort, folder, nodeFlags: order.nodeFlags ?? [] });
  const startedMs = performance.now();
  const logFile = join(folder, 'output.log');
  const child = children.start({ command: launch.command, core, logFile, cwd: folder, env: launch.env ?? {} });
  try {
    await unlessEnded(child, firstAnswer(port, launch.readyPath));
  } catch (error) {
    await children.stop(child);
    throw new Error(`${target.name} did not start: ${String(error)}; see ${logFile}`, { cause: error });
  }
  return running(order, child, port, launch.headers, performance.now() - startedMs);
}

function running(
  { target, children }: StartOrder,
  child: ChildProcess,
  port: number,
  headers: Readonly<Record<string, string>>,
  readyMs: number,
): RunningTarget {
  return { target, pid: child.pid as number, port, headers, readyMs, stop: () => children.stop(child) };
}

async function firstAnswer(port: number, path: string): Promise<void> {
  const deadlineMs = performance.now() + readyWithinMs;
  while (performance.now() < deadlineMs) {
    if ((await statusOf(port, path)) === 200) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  throw new Error(`no 200 on ${path} within ${readyWithinMs} ms`);
}

/** Status of one GET on a connection of its own; 0 when there is no answer. */
function statusOf(port: number, path: string): Promise<number> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(0));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
