import { SlotCounter } from '../../kit/slot.ts';
import type { AnswerFrame } from './client-side.ts';
import type { ForwardDependencies, ForwardOptions } from './contract.ts';
import { UpstreamPools } from './pools.ts';
import { HeldBodies } from './receive.ts';
import { StreamWatch } from './stream-watch.ts';

/** What all calls of a node share. */
export class Engine {
  readonly deps: ForwardDependencies;
  readonly options: ForwardOptions;
  readonly frame: AnswerFrame;
  readonly pools: UpstreamPools;
  readonly held: HeldBodies;
  readonly places: SlotCounter;
  readonly watch: StreamWatch;

  constructor(deps: ForwardDependencies, options: ForwardOptions) {
    this.deps = deps;
    this.options = options;
    this.frame = { nodeId: options.nodeId, corsHeaders: deps.corsHeaders };
    this.pools = new UpstreamPools(options);
    this.held = new HeldBodies(options.heldBodiesBytesMax);
    this.places = new SlotCounter(options.globalMaxConcurrency, () => deps.waitQueue.wake());
    this.watch = new StreamWatch(deps.clock, options.firstEventTimeoutMs, options.keepAliveIntervalMs);
  }

  async stop(): Promise<void> {
    this.watch.stop();
    await this.pools.stop();
  }
}
