import { availableParallelism } from 'node:os';

/** More processes than this on one machine is a slip of the finger. */
const countMax = 256;

/** Reads a number of nodes, or `auto` for one to a core; undefined for anything else. */
export function workerCount(text: string): number | undefined {
  if (text === 'auto') return availableParallelism();
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= countMax ? count : undefined;
}

export const workerCountAllowed = `a whole number from 1 to ${countMax}, or auto (one to a core)`;
