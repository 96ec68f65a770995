import type { KeptCounts, KeptQuotas } from './contract.ts';
import { aftermathMs, usualWindowMs } from './limits.ts';
import { portionOf } from './portion.ts';
import type { NodeId } from '../membership/contract.ts';

/** Of a share smaller than this all may be taken without a word on the disk, of others half. */
const smallShare = 10;

/** What may count of a share without being written down: after a crash so much is taken for taken. */
export function unwrittenPart(share: number): number {
  return share < smallShare ? share : Math.floor(share / 2);
}

/** What may count of a bucket since before this process. */
export interface Blame {
  /** In pairs: milliseconds for which it still counts, units. */
  readonly counts: readonly (readonly [leftMs: number, amount: number])[];
  /** Counts until the end of what the earlier process may have done. */
  readonly amount: number;
}

const nothing: Blame = { counts: [], amount: 0 };

export interface PastOptions {
  readonly self: NodeId;
  readonly kept: KeptQuotas | undefined;
  /** Nobody else can have units of this node, and without a file there was nothing before. */
  readonly isAlone: boolean;
  readonly nowMs: number;
}

/** What earlier processes of this node took and lent, as far as the disk says. */
export class Past {
  readonly #self: NodeId;
  readonly #kept: KeptQuotas | undefined;
  readonly #startedMs: number;
  readonly #inherited: Map<string, Blame['counts'] | 'all'>;
  /** Nothing is known, so that everything may have been taken. */
  #isUnknown: boolean;
  /** What was unknown counts no longer. */
  #isForgotten = false;
  /** Nobody wrote anything down. */
  readonly isBlank: boolean;

  constructor({ self, kept, isAlone, nowMs }: PastOptions) {
    this.#self = self;
    this.#kept = kept;
    this.#startedMs = nowMs;
    this.isBlank = kept === undefined;
    this.#isUnknown = kept === undefined ? !isAlone : kept.state === 'unknown';
    this.#inherited = new Map<string, Blame['counts'] | 'all'>([
      ...(kept?.marked ?? []).map((bucket) => [bucket, 'all'] as const),
      ...(kept?.counts ?? []).map(({ bucket, counts }) => [bucket, counts] as const),
    ]);
  }

  get isUnknown(): boolean {
    return this.#isUnknown;
  }

  /** No earlier process took anything. */
  get isNothing(): boolean {
    return this.isBlank && !this.#isUnknown && !this.#isForgotten;
  }

  /** Whatever counts is known bucket by bucket. */
  isExact(nowMs: number, windowMs: number): boolean {
    return this.isNothing || this.#kept?.state === 'stopped' || this.isOver(nowMs, windowMs);
  }

  /** What still counts of buckets that `isOpen` does not know. */
  carried(nowMs: number, isOpen: (bucket: string) => boolean): { all: string[]; counts: KeptCounts[] } {
    const all: string[] = [];
    const counts: KeptCounts[] = [];
    for (const [bucket, inherited] of this.#inherited) {
      if (isOpen(bucket)) continue;
      if (inherited === 'all') all.push(bucket);
      else counts.push({ bucket, counts: this.#aged(inherited, nowMs) });
    }
    return { all, counts };
  }

  /** Buckets that must stay written down although this process has not touched them. */
  get inherited(): Iterable<string> {
    return this.#inherited.keys();
  }

  isInherited(bucket: string): boolean {
    return this.#inherited.has(bucket);
  }

  /** There was nothing before. */
  isFirst(): void {
    this.#isUnknown = false;
  }

  /** True once nothing of it counts in windows of up to `windowMs`. */
  isOver(nowMs: number, windowMs = usualWindowMs): boolean {
    return nowMs >= this.untilMs(windowMs);
  }

  untilMs(windowMs: number): number {
    return this.#startedMs + aftermathMs(windowMs);
  }

  /** Forgets what no longer counts; true when anything changed. */
  forget(nowMs: number, windowMs: number): boolean {
    if (!this.isOver(nowMs, windowMs) || (!this.#isUnknown && this.#inherited.size === 0)) return false;
    this.#isForgotten ||= this.#isUnknown;
    this.#isUnknown = false;
    this.#inherited.clear();
    return true;
  }

  /** Of a bucket with a window that this process has not touched yet. */
  blame(bucket: string, limit: number, windowMs: number, nowMs: number): Blame {
    if (nowMs >= this.untilMs(windowMs)) return nothing;
    if (this.#isUnknown) return { counts: [], amount: limit };
    const inherited = this.#inherited.get(bucket);
    if (inherited === 'all') return { counts: [], amount: limit };
    if (inherited !== undefined) return { counts: this.#aged(inherited, nowMs), amount: 0 };
    if (this.#kept?.state !== 'running') return nothing;
    return { counts: [], amount: this.#unwritten(bucket, limit) };
  }

  /** No time is counted for what passed between two processes: clocks on the wall jump. */
  #aged(counts: Blame['counts'], nowMs: number): Blame['counts'] {
    const sinceMs = nowMs - this.#startedMs;
    return counts.map(([leftMs, amount]) => [leftMs - sinceMs, amount] as const).filter(([leftMs]) => leftMs > 0);
  }

  #unwritten(bucket: string, limit: number): number {
    const { eras, former } = this.#kept?.standing ?? { eras: [], former: [] };
    const shares = [...eras, ...former].map((voters) => portionOf(bucket, limit, voters, this.#self));
    return Math.max(0, ...shares.map((share) => Math.ceil(unwrittenPart(share))));
  }
}
