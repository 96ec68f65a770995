import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { freePorts } from '../cli/program/supervise/free-ports.ts';
import { type ChildProcesses, unlessEnded } from './child-processes.ts';
import type { Cores } from './cores.ts';
import type { Companion, Target } from './targets/contract.ts';

export interface StartOrder {
  readonly target: Target;
  readonly children: ChildProcesses;
  readonly cores: Pick<Cores, 'target' | 'load'>;
  readonly upstreamPort: number;
  /** Folder of this run; the target gets a folder of its own inside. */
  readonly runFolder: string;
  readonly nodeFlags?: readonly string[];
  readonly program: string;
}

export interface RunningTarget {
  readonly target: Target;
  readonly pid: number;
  /** All that answer its requests, itself the first: their CPU counts. */
  readonly pids: readonly number[];
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  /** From spawning the process to its first 200, in milliseconds. */
  readonly readyMs: number;
  readonly stop: () => Promise<void>;
}

/** A target that is not ready by then is not measured. */
const readyWithinMs = 60_000;
/** Between two questions whether it is ready: the error of a cold-start figure. */
const pollMs = 4;

let starts = 0;

export async function startTarget(order: StartOrder): Promise<RunningTarget> {
  const { target, children, cores, upstreamPort } = order;
  const folder = join(order.runFolder, `${target.name}-${++starts}`);
  mkdirSync(folder, { recursive: true });
  const [port = 0] = await freePorts(1);
  const launch = await target.prepare({
    port,
    upstreamPort,
    folder,
    nodeFlags: order.nodeFlags ?? [],
    program: order.program,
  });
  const companions = (launch.companions ?? []).map((companion) => ({ companion, child: accompany(order, companion) }));
  const startedMs = performance.now();
  const logFile = join(folder, 'output.log');
  const { command, env = {} } = launch;
  const child = children.start({ command, core: cores.target, logFile, cwd: folder, env });
  const stop = async () => {
    for (const each of [child, ...companions.map((one) => one.child)]) await children.stop(each);
  };
  try {
    await unlessEnded(child, firstAnswer(port, launch.readyPath));
    const readyMs = performance.now() - startedMs;
    const headers = (await launch.settled?.()) ?? launch.headers;
    const answering = companions.filter(({ companion }) => companion.isMeasured).map((one) => one.child);
    const pids = [child, ...answering].map(({ pid }) => pid as number);
    return { target, pid: child.pid as number, pids, port, headers, readyMs, stop };
  } catch (error) {
    await stop();
    throw new Error(`${target.name} did not start: ${String(error)}; see ${logFile}`, { cause: error });
  }
}

function accompany({ children, cores }: StartOrder, { command, env, folder, isMeasured }: Companion): ChildProcess {
  const core = isMeasured ? cores.target : cores.load;
  return children.start({ command, core, logFile: join(folder, 'output.log'), cwd: folder, env });
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
