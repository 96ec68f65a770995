import { portionOf } from '../../../cluster/quota/portion.ts';
import { longestWindowMs, rules } from '../workload/limits.ts';
import type { SimProcess } from '../world/sim-process.ts';
import type { World } from '../world/world.ts';
import type { Taking } from './quota-ledger.ts';

/** Whatever was taken, lent or forgotten counts no longer after this. */
const restMs = longestWindowMs * 1.1 + 2000;
/** Without so much more time it is not asked. */
const takeMs = 6000;
const periodMs = 25;
const buckets = ['requests', 'concurrent'];
/** Of what has a window a part may be on its way at any moment. */
const wantedShare = 0.95;

/** Once all is healed and a window has passed, all of a limit can be taken again. */
export class QuotaAftermath {
  readonly #world: World;
  readonly #missing = new Set(buckets);
  readonly #inUse: { readonly process: SimProcess; readonly taking: Taking }[] = [];
  #isBegun = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** In words, what is missing. */
  difference(): string | undefined {
    const bucket = [...this.#missing][0];
    const expected = bucket === undefined ? undefined : this.#expected(bucket);
    if (bucket === undefined || expected === undefined) return undefined;
    if (!this.#isBegun) {
      this.#isBegun = true;
      const waitMs = this.#world.plan.healAtMs + restMs - this.#world.queue.nowMs;
      this.#world.queue.after(Math.max(0, waitMs), () => this.#take());
    }
    return `of ${bucket} only ${this.#taken(bucket)} of ${expected} can be taken`;
  }

  #take(): void {
    for (const bucket of this.#missing) {
      for (const busy of this.#takers()) {
        busy.turn(() => {
          for (let index = 0; index < 10; index++) this.#request(busy, bucket);
        });
      }
      const expected = this.#expected(bucket);
      if (expected === undefined || this.#taken(bucket) < wantedShare * expected) continue;
      this.#missing.delete(bucket);
      this.#world.counts.limitsRegained++;
    }
    if (this.#missing.size > 0) this.#world.queue.after(periodMs, () => this.#take());
    else this.#release();
  }

  /** One, which borrows the rest; but far apart, an answer takes as long as these short loans last. */
  #takers(): SimProcess[] {
    const running = this.#world.running();
    return this.#world.plan.network === 'wan' ? running : running.slice(0, 1);
  }

  #request(process: SimProcess, bucket: string): void {
    process.parts.quotas.at(bucket).obtain(1, 200, (isTaken) => {
      if (!isTaken) return;
      const taking = this.#world.quotas.take(process, bucket, 1);
      if (rules.get(bucket)?.windowMs === undefined) this.#inUse.push({ process, taking });
    });
  }

  #release(): void {
    for (const { process, taking } of this.#inUse) {
      this.#world.quotas.release(taking);
      process.turn(() => process.parts.quotas.at(taking.bucket).release(1));
    }
  }

  #taken(bucket: string): number {
    return this.#world.quotas.counting(bucket).length;
  }

  /** All of it; undefined while somebody who is gone for good keeps units, or new voters from theirs. */
  #expected(bucket: string): number | undefined {
    if (this.#world.plan.convergeMs < restMs + takeMs) return undefined;
    if (this.#world.hosts.some(({ isGone }) => isGone)) return undefined;
    const configs = this.#world.running().flatMap(({ parts }) => parts.election.config ?? []);
    const newest = configs.toSorted((left, right) => right.term - left.term || right.version - left.version)[0];
    const ids = new Set(this.#world.running().map(({ nodeId }) => nodeId));
    const { limit = 0 } = rules.get(bucket) ?? {};
    if (newest === undefined || !newest.voters.every((voter) => ids.has(voter))) return undefined;
    return newest.voters.reduce((sum, voter) => sum + portionOf(bucket, limit, newest.voters, voter), 0);
  }
}
