import type { SimProcess } from '../world/sim-process.ts';
import type { World } from '../world/world.ts';
import { rules } from '../workload/limits.ts';

/** Something that was taken. */
export interface Taking {
  readonly bucket: string;
  readonly process: SimProcess;
  readonly atMs: number;
  amount: number;
  isOver: boolean;
}

/** No limit is exceeded in any window of true time, wherever units are taken; nor at any instant where there is no window. */
export class QuotaLedger {
  readonly #world: World;
  /** In the order of time. */
  readonly #takings = new Map<string, Taking[]>();

  constructor(world: World) {
    this.#world = world;
  }

  take(process: SimProcess, bucket: string, amount: number): Taking {
    const taking: Taking = { bucket, process, atMs: this.#world.queue.nowMs, amount, isOver: false };
    this.#world.counts.unitsTaken += amount;
    const takings = this.counting(bucket);
    takings.push(taking);
    this.#takings.set(bucket, takings);
    const limit = rules.get(bucket)?.limit ?? 0;
    const sum = takings.reduce((total, each) => total + each.amount, 0);
    if (sum > limit && this.#isWatched) this.#world.fail('a limit is never exceeded', this.#describe(bucket, takings));
    return taking;
  }

  /** What counts now. */
  counting(bucket: string): Taking[] {
    const windowMs = rules.get(bucket)?.windowMs;
    const sinceMs = this.#world.queue.nowMs - (windowMs ?? Number.POSITIVE_INFINITY);
    return (this.#takings.get(bucket) ?? []).filter(({ atMs, isOver }) => atMs > sinceMs && !isOver);
  }

  /** It turned out to be less; or more, which nobody was asked about: the debt is allowed. */
  correct(taking: Taking, difference: number): void {
    if (difference < 0) taking.amount += difference;
  }

  release(taking: Taking): void {
    taking.isOver = true;
  }

  /** Its requests end with it. */
  ended(process: SimProcess): void {
    for (const [bucket, takings] of this.#takings) {
      if (rules.get(bucket)?.windowMs !== undefined) continue;
      for (const taking of takings) if (taking.process === process) taking.isOver = true;
    }
  }

  /** A mistake in another part may be the end of this promise too; it is another finding that is looked for. */
  get #isWatched(): boolean {
    const { bug } = this.#world;
    return bug === undefined || bug.finds.includes('a limit is never exceeded');
  }

  #describe(bucket: string, takings: readonly Taking[]): string {
    const byProcess = Map.groupBy(takings, ({ process }) => `${process.nodeId}#${process.serial}`);
    const sums = [...byProcess].map(
      ([name, ofProcess]) => `${name} ${ofProcess.reduce((total, each) => total + each.amount, 0)}`,
    );
    return `${bucket}: ${sums.join(', ')} of ${rules.get(bucket)?.limit}`;
  }
}
