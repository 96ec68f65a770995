import type { ChildProcesses } from './child-processes.ts';
import type { Cores } from './cores.ts';
import type { ExchangeName } from './load/exchanges.ts';
import type { LoadSide } from './load-side.ts';
import type { BenchOptions } from './options.ts';
import { type RunningTarget, startTarget } from './running-target.ts';
import { type Sample, takeSample } from './sample.ts';
import type { Target } from './targets/contract.ts';

/** Connections of the closed loop: enough to keep one core busy, few enough to be spread evenly over the upstream's. */
const closedConnections = 64;
/**
 * Warming goes in steps of this length until the rate no longer rises: V8 compiles in the background, on the same one
 * core, and a larger program takes longer. A process that is warm for an exchange stays so. Short rounds (`--quick`) get
 * one step: their figures are of programs that are still being compiled.
 */
const warmUpSeconds = 1.5;
const warmUpStepsMax = 16;
/** Rates closer than this are the same: two steps in a row without such a rise end the warming. */
const riseMin = 1.03;
const shortRoundSeconds = 1;

export interface RoomParts {
  readonly options: BenchOptions;
  readonly cores: Cores;
  readonly children: ChildProcesses;
  readonly side: LoadSide;
  readonly runFolder: string;
}

/** What a work may use: the running targets, the load side, and a place to remember the rates that were found. */
export class BenchRoom {
  readonly options: BenchOptions;
  /** Highest rate of requests, by process and exchange, as far as a work has found it. */
  readonly bestRates = new Map<string, number>();
  readonly #parts: RoomParts;
  readonly #running: RunningTarget[] = [];

  constructor(parts: RoomParts) {
    this.options = parts.options;
    this.#parts = parts;
  }

  get parts(): RoomParts {
    return this.#parts;
  }

  get running(): readonly RunningTarget[] {
    return this.#running;
  }

  /** Running targets of these names, in the order of the registry. */
  named(...names: string[]): RunningTarget[] {
    return this.#running.filter(({ target }) => names.includes(target.name));
  }

  /** The bare pipe. */
  get yardstick(): RunningTarget {
    return this.#running[0] as RunningTarget;
  }

  /** Starts a target that stays for all works. */
  async admit(target: Target): Promise<void> {
    this.#running.push(await this.startOne(target));
  }

  /** Starts another process of a target; whoever asks stops it. */
  startOne(target: Target, nodeFlags: readonly string[] = []): Promise<RunningTarget> {
    const { children, cores, side, runFolder } = this.#parts;
    return startTarget({
      target,
      children,
      cores,
      upstreamPort: side.upstreamPort,
      runFolder,
      nodeFlags,
      program: this.options.program,
    });
  }

  /** Whether a target that works start is to be measured. */
  isAsked(target: Target): boolean {
    const { targets } = this.options;
    return target.missing() === undefined && (targets === undefined ? target.byDefault : targets.includes(target.name));
  }

  /** Full load, not measured, once for each target and exchange. */
  async warmUp(running: RunningTarget, exchange: ExchangeName): Promise<void> {
    const isWarm = this.bestRates.has(rateKey(running, exchange));
    if (isWarm) return;
    let best = 0;
    let stepsWithoutRise = 0;
    const stepsMax = this.options.seconds < shortRoundSeconds ? 1 : warmUpStepsMax;
    for (let step = 0; step < stepsMax && stepsWithoutRise < 2; step++) {
      const { requestsPerSecond } = await this.closed(running, exchange, warmUpSeconds);
      stepsWithoutRise = requestsPerSecond > best * riseMin ? 0 : stepsWithoutRise + 1;
      best = Math.max(best, requestsPerSecond);
    }
  }

  /** As fast as it goes, for `seconds`. */
  closed(running: RunningTarget, exchange: ExchangeName, seconds = this.options.seconds): Promise<Sample> {
    const { port, headers } = running;
    return this.#sample(running, { kind: 'closed', port, headers, exchange, connections: closedConnections, seconds });
  }

  /** At a fixed rate, for a round. */
  open(running: RunningTarget, exchange: ExchangeName, requestsPerSecond: number): Promise<Sample> {
    const { port, headers } = running;
    const { seconds } = this.options;
    return this.#sample(running, { kind: 'open', port, headers, exchange, requestsPerSecond, seconds });
  }

  async #sample(running: RunningTarget, order: Parameters<typeof takeSample>[2]): Promise<Sample> {
    const sample = await takeSample(this.#parts.side, running, order, this.#parts.cores.target);
    const key = rateKey(running, order.exchange);
    if (order.kind === 'closed') {
      this.bestRates.set(key, Math.max(sample.requestsPerSecond, this.bestRates.get(key) ?? 0));
    }
    return sample;
  }

  /** The highest rate known, found now if no work has. */
  async bestRate(running: RunningTarget, exchange: ExchangeName): Promise<number> {
    await this.warmUp(running, exchange);
    return this.bestRates.get(rateKey(running, exchange)) ?? 0;
  }
}

function rateKey({ pid }: RunningTarget, exchange: ExchangeName): string {
  return `${pid} ${exchange}`;
}
