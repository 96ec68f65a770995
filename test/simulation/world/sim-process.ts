import { MemoryTransport } from '../../../cluster/transport/memory.ts';
import { Application } from '../workload/application.ts';
import { compose, startParts, type Parts } from './compose.ts';
import type { Host } from './host.ts';
import { NodeClock } from './node-clock.ts';
import { SimLog } from './sim-log.ts';
import type { DiskWriter } from './stores.ts';
import type { World } from './world.ts';

/** How long a late event loop is spoken of. */
const loopDelayMemoryMs = 2000;

/** One run of a node's program: everything in it ends with it. */
export class SimProcess {
  readonly world: World;
  readonly host: Host;
  /** Of all processes of the world, in the order of their starts. */
  readonly serial: number;
  readonly startedMs: number;
  readonly clock: NodeClock;
  readonly transport: MemoryTransport;
  readonly log: SimLog;
  readonly parts: Parts;
  readonly application: Application;
  readonly write: DiskWriter;
  isEnded = false;
  #late: (() => void)[] = [];
  #delayMs = 0;
  #delayedAtMs = -Infinity;

  constructor(world: World, host: Host, serial: number) {
    this.world = world;
    this.host = host;
    this.serial = serial;
    this.startedMs = world.queue.nowMs;
    this.clock = new NodeClock({
      queue: world.queue,
      rate: host.rate,
      wallOffsetMs: host.wallOffsetMs,
      originMs: host.random.below(1_000_000),
      runTurn: (action) => this.turn(action),
    });
    this.log = new SimLog(world.isTracing ? (line) => this.note(() => line) : undefined, (error) =>
      world.fail('no exception escapes', `${host.nodeId}: ${error.stack ?? error.message}`),
    );
    this.transport = new MemoryTransport({
      network: world.network,
      clock: this.clock,
      self: host.peer,
      place: host.place,
    });
    this.write = (apply, done) => host.disk.write(apply, (error) => this.turn(() => done(error)));
    this.parts = compose(this);
    this.application = new Application(this);
  }

  get nodeId(): string {
    return this.host.nodeId;
  }

  start(): void {
    this.world.turn(this, () => {
      startParts(this);
      this.application.start();
    });
  }

  /** Runs something as this process: later when it stands still, never when it has ended. */
  turn(action: () => void): void {
    if (this.isEnded) return;
    if (this.host.isHeld) this.#late.push(action);
    else this.world.turn(this, action);
  }

  /** It moves again: its late timers run, before or after what came over the network. */
  wake(heldMs: number): void {
    const late = this.#late;
    this.#late = [];
    for (const action of late) this.turn(action);
    this.#delayMs = heldMs;
    this.#delayedAtMs = this.clock.monotonicMs();
  }

  /** As the event-loop meter of a node would say it: known only after the late timers have run. */
  loopDelayMs(): number {
    return this.clock.monotonicMs() - this.#delayedAtMs < loopDelayMemoryMs ? this.#delayMs : 0;
  }

  /** It stops in order. */
  stop(): void {
    const { links, quotas, intents, election, records, gossip, membership } = this.parts;
    for (const part of [links, quotas, intents, election, records, gossip, membership]) part.stop();
    this.end(true);
  }

  /** It ends as it stands. */
  end(isTold: boolean): void {
    this.isEnded = true;
    this.world.quotas.ended(this);
    this.#late = [];
    this.clock.stop();
    this.host.disk.crash();
    this.transport.kill(isTold);
  }

  /** For the trace; `isFine` lines only in the finest one. */
  note(line: () => string, isFine = false): void {
    this.world.note(() => `${this.host.nodeId}#${this.serial} ${line()}`, isFine);
  }
}
