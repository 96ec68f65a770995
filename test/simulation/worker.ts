/** Runs the seeds that `run.ts` gives it, one at a time. */
import { plantedBugs } from './bugs/planted-bugs.ts';
import { simulate } from './simulate.ts';

// Faults are made by the thousand, and nobody looks at where; a single seed has its stacks.
Error.stackTraceLimit = 0;

interface Order {
  readonly seed: number;
  readonly nodes: number;
  readonly virtualMs: number;
  readonly bug?: string;
  readonly isHostile: boolean;
}

process.on('message', ({ bug, ...options }: Order) => {
  process.send?.(simulate({ ...options, bug: plantedBugs.find(({ name }) => name === bug) }));
});
