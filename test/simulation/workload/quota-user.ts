import type { Quota } from '../../../cluster/quota/contract.ts';
import type { Random } from '../../../kit/random.ts';
import type { SimProcess } from '../world/sim-process.ts';
import { between, exponentialMs, pick, randomStream } from '../world/streams.ts';
import { buckets, ruleOf } from './limits.ts';

/** Bursts of requests: often at the node that most clients use, seldom at the others. */
const busyMeanMs = 90;
const usualMeanMs = 500;
const burstMax = 9;
const tokensMax = 300;
const waitMs = 60;
const requestMeanMs = 600;
/** As long as a window. */
const longMeanMs = 5000;

/** Clients with keys that have limits. */
export class QuotaUser {
  readonly #process: SimProcess;
  readonly #random: Random;
  readonly #isBusy: boolean;

  constructor(process: SimProcess) {
    const { world, host, serial } = process;
    this.#process = process;
    this.#random = randomStream(world.plan.seed, `clients of ${serial}`);
    this.#isBusy = host.index === world.plan.seed % world.plan.nodes;
  }

  start(): void {
    this.#next();
  }

  #next(): void {
    const meanMs = this.#isBusy ? busyMeanMs : usualMeanMs;
    this.#process.clock.after(exponentialMs(this.#random, meanMs), () => {
      if (!this.#process.world.isQuiet) this.#burst();
      this.#next();
    });
  }

  #burst(): void {
    const bucket = pick(this.#random, buckets) ?? 'requests';
    const count = 1 + this.#random.below(burstMax);
    for (let index = 0; index < count; index++) this.#request(bucket);
  }

  #request(bucket: string): void {
    const amount = bucket === 'tokens' ? 1 + this.#random.below(tokensMax) : 1;
    const quota = this.#process.parts.quotas.at(bucket);
    if (this.#random.next() < 0.5) {
      this.#took(bucket, quota, amount, quota.take(amount));
      return;
    }
    quota.obtain(amount, waitMs, (isTaken) => this.#took(bucket, quota, amount, isTaken));
  }

  #took(bucket: string, quota: Quota, amount: number, isTaken: boolean): void {
    const { world, clock } = this.#process;
    if (!isTaken) {
      world.counts.unitsRefused += amount;
      return;
    }
    const entry = world.quotas.take(this.#process, bucket, amount);
    if (ruleOf(bucket)?.windowMs === undefined) {
      clock.after(exponentialMs(this.#random, requestMeanMs), () => {
        // First: whoever waits takes it at once.
        world.quotas.release(entry);
        quota.release(amount);
      });
    } else if (bucket === 'tokens') {
      const takenMs = clock.monotonicMs();
      clock.after(exponentialMs(this.#random, this.#random.next() < 0.1 ? longMeanMs : requestMeanMs), () => {
        const difference = Math.floor(between(this.#random, -amount, amount * 0.2));
        world.quotas.correct(entry, difference);
        quota.correct(difference, clock.monotonicMs() - takenMs);
      });
    }
  }
}
