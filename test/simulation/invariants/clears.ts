import type { KeptEntry } from '../world/kept.ts';
import type { SimProcess } from '../world/sim-process.ts';
import type { World } from '../world/world.ts';

export interface Clear {
  readonly scope: string;
  readonly issuedMs: number;
  /** When whoever issued it had its answer; from then on people count on it. */
  doneMs: number;
  /** Processes that said that they have it. */
  readonly acknowledged: Set<SimProcess>;
}

/** Clears older than this are not looked at any more; a world is shorter. */
const clearsMax = 500;

/** Knows every clear of the world, and so which entries may not be served. */
export class ClearBook {
  readonly #world: World;
  readonly #clears: Clear[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  issued(scope: string): Clear {
    const clear = { scope, issuedMs: this.#world.queue.nowMs, doneMs: Infinity, acknowledged: new Set<SimProcess>() };
    this.#clears.push(clear);
    if (this.#clears.length > clearsMax) this.#clears.shift();
    return clear;
  }

  confirmed(clear: Clear, acknowledged: readonly string[]): void {
    clear.doneMs = this.#world.queue.nowMs;
    for (const process of this.#world.running()) {
      if (acknowledged.includes(process.nodeId)) clear.acknowledged.add(process);
    }
  }

  served(process: SimProcess, entry: KeptEntry): void {
    for (let index = this.#clears.length - 1; index >= 0; index--) {
      const clear = this.#clears[index];
      if (clear === undefined || clear.issuedMs <= entry.madeMs) return;
      if (clear.scope === entry.scope && this.#forbids(clear, process)) this.#fail(clear, process, entry);
    }
  }

  /**
   * A process that acknowledged the clear must not serve the entry, ever. One that was away, or whose forerunner
   * acknowledged, must not once it reaches anybody who has the clear; split off with others who do not, or with one that
   * stands still and is taken for dead, it cannot know.
   */
  #forbids(clear: Clear, process: SimProcess): boolean {
    if (clear.doneMs === Infinity) return false;
    if (clear.acknowledged.has(process)) return true;
    const { host } = process;
    const wasAway = clear.issuedMs > host.awayFromMs && clear.doneMs < host.awayUntilMs;
    return wasAway && !this.#world.network.hasCuts && this.#isKnownWithinReach(clear, process);
  }

  #isKnownWithinReach(clear: Clear, { parts }: SimProcess): boolean {
    const canTell = ({ isEnded, nodeId }: SimProcess) =>
      !isEnded && parts.post.isReachable(nodeId) && parts.membership.isLive(nodeId);
    return [...clear.acknowledged].some(canTell);
  }

  #fail(clear: Clear, process: SimProcess, entry: KeptEntry): void {
    const { host, nodeId } = process;
    const why = clear.acknowledged.has(process)
      ? 'which it had acknowledged'
      : `for which it was away (from ${Math.round(host.awayFromMs)} to ${Math.round(host.awayUntilMs)})`;
    this.#world.fail(
      'no cleared entry is served',
      `${nodeId} served an entry of ${Math.round(entry.madeMs)}, cleared at ${Math.round(clear.issuedMs)}, ${why}`,
    );
  }
}
