import type { CommandCall } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { readPlan } from '../supervise/plan.ts';

/** `aiproxy start`: with `--workers` a supervisor with its workers, else a node. */
export async function runWorkersOrNode(call: CommandCall): Promise<number> {
  const { options, terminal } = call;
  const workers = optionOrVariable(options['workers'], terminal.env['AIPROXY_WORKERS']);
  if (workers === undefined || readPlan(terminal.env) !== undefined) {
    const { runStart } = await import('./run-start.ts');
    return runStart(call);
  }
  return runWorkers(call, workers);
}

async function runWorkers(call: CommandCall, workers: string): Promise<number> {
  const { workerCount, workerCountAllowed } = await import('../supervise/worker-count.ts');
  const count = workerCount(workers);
  if (count === undefined) return refuse(call, 'workers', workers, workerCountAllowed);
  const given = optionOrVariable(call.options['workers-port'], call.terminal.env['AIPROXY_WORKERS_PORT']);
  const ports = given === undefined ? {} : await portsFrom(given, count);
  if (ports === undefined) return refuse(call, 'workers-port', given ?? '', 'a whole number from 0 to 65535');
  const { runSupervised } = await import('../supervise/run-supervised.ts');
  return runSupervised(call, { role: 'worker', count, ...ports });
}

function refuse({ output }: CommandCall, name: string, value: string, allowed: string): number {
  output.error(`--${name}: ${JSON.stringify(value)} is not allowed; allowed: ${allowed}`);
  return exitCodes.usage;
}

function optionOrVariable(option: unknown, variable: string | undefined): string | undefined {
  if (typeof option === 'string') return option;
  return variable === '' ? undefined : variable;
}

interface Ports {
  ports: number[];
  meshPorts?: number[];
}

/** From 0: free ones, for the mesh as well. Undefined for what is no port. */
async function portsFrom(text: string, count: number): Promise<Ports | undefined> {
  const first = /^\d{1,5}$/.test(text) ? Number(text) : 65_536;
  if (first > 65_535) return undefined;
  if (first > 0) return { ports: Array.from({ length: count }, (_, index) => first + index) };
  const { freePorts } = await import('../supervise/free-ports.ts');
  const free = await freePorts(2 * count);
  return { ports: free.slice(0, count), meshPorts: free.slice(count) };
}
