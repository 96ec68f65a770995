import type { CommandCall } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { freePorts } from '../supervise/free-ports.ts';
import { runSupervised } from '../supervise/run-supervised.ts';
import { workerCount, workerCountAllowed } from '../supervise/worker-count.ts';

const portMax = 65_535;

/** `aiproxy cluster up`: nodes with a port and a folder each, under one supervisor. */
export async function runMesh(call: CommandCall): Promise<number> {
  const { options, output } = call;
  const count = workerCount(String(options['nodes']));
  if (count === undefined) {
    output.error(`--nodes: ${JSON.stringify(options['nodes'])} is not allowed; allowed: ${workerCountAllowed}`);
    return exitCodes.usage;
  }
  const base = options['base-port'];
  if (typeof base !== 'number' || !Number.isInteger(base) || base < 0 || base + count - 1 > portMax) {
    output.error(`--base-port: not allowed; allowed: a whole number from 0 to ${portMax - count + 1}`);
    return exitCodes.usage;
  }
  return runSupervised(call, { role: 'member', count, ...(await portsFrom(base, count)) });
}

/** From 0: free ones, for the mesh as well. */
async function portsFrom(base: number, count: number): Promise<{ ports: number[]; meshPorts?: number[] }> {
  if (base > 0) return { ports: Array.from({ length: count }, (_, index) => base + index) };
  const free = await freePorts(2 * count);
  return { ports: free.slice(0, count), meshPorts: free.slice(count) };
}
