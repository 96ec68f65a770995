import { parseArgs } from 'node:util';

export interface RunOptions {
  /** The first seed; the others follow it. */
  readonly seed: number;
  readonly seeds: number;
  readonly nodes: number;
  readonly virtualMs: number;
  readonly workers: number;
  readonly bug: string | undefined;
  /** One member lies in every world, not only where the seed says so. */
  readonly isHostile: boolean;
  readonly isTracing: boolean;
  readonly isTraceFine: boolean;
  readonly isCost: boolean;
  /** Nodes of the meshes whose cost is measured. */
  readonly costSizes: readonly number[];
}

const bounds = {
  seed: [1, 4_294_967_295],
  seeds: [1, 1_000_000],
  nodes: [1, 1000],
  seconds: [5, 86_400],
  workers: [1, 64],
} as const;

export const usage = `npm run simulate -- [--seeds 1000] [--seed 1] [--nodes 5] [--seconds 60 | --minutes 1] [--workers 2]
                    [--bug NAME] [--hostile] [--trace | --trace-messages] [--cost]`;

/** Throws an Error in words for what is no option or out of bounds. */
export function parseOptions(args: readonly string[]): RunOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      nodes: { type: 'string' },
      seconds: { type: 'string' },
      minutes: { type: 'string' },
      workers: { type: 'string' },
      bug: { type: 'string' },
      hostile: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      'trace-messages': { type: 'boolean', default: false },
      cost: { type: 'boolean', default: false },
    },
  });
  const minutes = values.minutes === undefined ? undefined : `${Number(values.minutes) * 60}`;
  return {
    seed: numberOf('seed', values.seed ?? '1'),
    seeds: numberOf('seeds', values.seeds ?? (values.seed === undefined ? '1000' : '1')),
    nodes: numberOf('nodes', values.nodes ?? '5'),
    virtualMs: numberOf('seconds', minutes ?? values.seconds ?? '60') * 1000,
    workers: numberOf('workers', values.workers ?? '2'),
    bug: values.bug,
    isHostile: values.hostile,
    isTracing: values.trace || values['trace-messages'],
    isTraceFine: values['trace-messages'],
    isCost: values.cost,
    costSizes: values.nodes === undefined ? [5, 32, 100, 1000] : [numberOf('nodes', values.nodes)],
  };
}

function numberOf(name: keyof typeof bounds, text: string): number {
  const value = Number(text);
  const [min, max] = bounds[name];
  if (!Number.isFinite(value) || value < min || value > max) {
    throw new Error(`--${name} must be a number from ${min} to ${max}, not ${text}`);
  }
  return value;
}
