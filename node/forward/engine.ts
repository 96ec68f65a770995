import { SlotCounter } from '../../kit/slot.ts';
import type { AnswerFrame } from './client-side.ts';
import type { ForwardDependencies, ForwardOptions } from './contract.ts';
import { UpstreamPools } from './pools.ts';
import { HeldBodies } from './receive.ts';
import { StreamWatch } from './stream-watch.ts';

/** What all calls of a node share. */
export class Engine {
  readonly deps: ForwardDependencies;
  /** Read anew by every call; see `reconfigure`. */
  options: ForwardOptions;
  readonly frame: AnswerFrame;
  readonly pools: UpstreamPools;
  readonly held: HeldBodies;
  readonly places: SlotCounter;
  readonly watch: StreamWatch;

  constructor(deps: ForwardDependencies, options: ForwardOptions) {
    this.deps = deps;
    this.options = options;
    const { clock, limits, corsHeaders } = deps;
    this.frame = { nodeId: options.nodeId, clock, limits, corsHeaders };
    this.pools = new UpstreamPools(options);
    this.held = new HeldBodies(options.heldBodiesBytesMax);
    this.places = new SlotCounter(options.globalMaxConcurrency, () => deps.waitQueue.wake());
    this.watch = new StreamWatch(deps.clock, options.firstEventTimeoutMs, options.keepAliveIntervalMs);
  }

  /** Takes over changed options while running: calls that begin from now on go by them. */
  reconfigure(options: ForwardOptions): void {
    this.options = options;
    this.places.limit = options.globalMaxConcurrency;
    this.held.bytesMax = options.heldBodiesBytesMax;
    this.watch.firstEventTimeoutMs = options.firstEventTimeoutMs;
    this.deps.waitQueue.wake();
  }

  async stop(): Promise<void> {
    this.watch.stop();
    await this.pools.stop();
  }
}
