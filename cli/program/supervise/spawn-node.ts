import cluster from 'node:cluster';
import { fork } from 'node:child_process';
import type { Terminal } from '../terminal.ts';
import { entryFile } from './entry.ts';
import { handBackConnections } from './hand-back.ts';
import { type Plan, planVariable, withPlan } from './plan.ts';
import { SupervisedProcess } from './supervised-process.ts';

export interface NodeCommand {
  /** Flags of the node. */
  readonly args: readonly string[];
  readonly terminal: Terminal;
  readonly plan: Plan;
  /** As its log lines call it. */
  readonly name: string;
}

/** A node that shares its port: this process accepts connections and hands each to the next worker in turn. */
export function spawnWorker({ args, terminal, plan, name }: NodeCommand): SupervisedProcess {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({ exec: entryFile, args: ['start', ...args], cwd: terminal.cwd, silent: true });
  const worker = cluster.fork({ [planVariable]: JSON.stringify(plan) });
  handBackConnections(worker.process);
  // node:cluster repeats at the worker what its process meets, where nobody's listening would end this process.
  worker.on('error', () => undefined);
  return new SupervisedProcess(worker.process, name, (text) => terminal.stderr.write(text));
}

/** A node with a port of its own. */
export function spawnMember({ args, terminal, plan, name }: NodeCommand): SupervisedProcess {
  const env = withPlan(terminal.env, plan);
  const child = fork(entryFile, ['start', ...args], { cwd: terminal.cwd, env, silent: true });
  return new SupervisedProcess(child, name, (text) => terminal.stderr.write(text));
}
