import type { VoterConfig } from '../leader/contract.ts';
import type { NodeId } from '../membership/contract.ts';
import type { KeptStanding } from './contract.ts';
import { areSameVoters, isWithoutSome, stampOf, type Era, type FormerEra } from './era.ts';
import { aftermathMs, erasMax } from './limits.ts';
import { portionOf } from './portion.ts';

/**
 * By which voters this node counts its share of every bucket. A loss takes effect with the configuration that brings it,
 * a gain once every voter of that configuration has said that it counts by it: until then the least of all
 * configurations since the last that was agreed holds. Why the shares never add up to more than the limit: take the
 * newest configuration that any node has agreed; all its voters have said it, and none of them counts more than its
 * portion of it until a newer one is agreed. Those who were taken out stopped before (see `Tenure`), and what they took
 * binds the others for as long as it counts.
 */
export class Standing {
  /** Rises with every change of a share. */
  version = 1;
  /** Rises with everything that the next process must know. */
  revision = 0;
  /** The last era is the present one. */
  #eras: Era[] = [];
  #former: FormerEra[] = [];
  /** The first era is agreed by its voters, or was when it was written down. */
  #isAgreed = false;
  /** More eras than can be remembered. */
  #isLost = false;
  /** Every bucket fits the present era, and the others may know. */
  #isSaid = false;
  readonly #self: NodeId;

  constructor(self: NodeId, kept: KeptStanding | undefined, nowMs: number) {
    this.#self = self;
    if (kept === undefined) return;
    this.#eras = kept.eras.slice(-erasMax).map((voters) => ({ voters, stamp: '', sinceMs: nowMs }));
    this.#former = kept.former.slice(-erasMax).map((voters) => ({ voters, sinceMs: nowMs }));
    this.#isAgreed = kept.isAgreed && kept.eras.length <= erasMax;
    this.#isSaid = kept.isSaid;
  }

  get kept(): KeptStanding {
    return {
      eras: this.#eras.map(({ voters }) => voters),
      former: this.#former.map(({ voters }) => voters),
      isAgreed: this.#isAgreed && !this.#isLost,
      isSaid: this.#isSaid,
    };
  }

  get present(): Era | undefined {
    return this.#eras.at(-1);
  }

  get isAgreed(): boolean {
    return this.#isAgreed && this.#eras.length === 1;
  }

  /** Nothing was ever counted by other voters. */
  get isFirstEra(): boolean {
    return this.#eras.length === 1 && this.#former.length === 0;
  }

  /** What the others may be told: the present configuration, once this node's counts fit its part in it. */
  get said(): string | undefined {
    return this.#isSaid ? this.present?.stamp : undefined;
  }

  /** Who was a voter here and then was not, while that binds this node. */
  get takenOut(): readonly NodeId[] {
    const row = [...this.#former, ...this.#eras].map(({ voters }) => voters);
    const gone = row.flatMap((voters, index) =>
      voters.filter((voter) => row.slice(index + 1).some((later) => !later.includes(voter))),
    );
    return [...new Set(gone)];
  }

  adopt(config: VoterConfig, nowMs: number): void {
    const voters = config.voters.toSorted();
    const stamp = stampOf(config);
    const { present } = this;
    if (present?.stamp === stamp) return;
    if (present !== undefined && areSameVoters(present.voters, voters)) {
      this.#eras[this.#eras.length - 1] = { ...present, stamp };
      return;
    }
    this.#eras.push({ voters, stamp, sinceMs: nowMs });
    if (this.#eras.length > erasMax) {
      this.#eras.splice(1, 1);
      this.#isLost = true;
    }
    this.#isSaid = false;
    this.version++;
    this.revision++;
  }

  /** Every bucket fits, and whatever an earlier process did as well. */
  fits(): void {
    this.#isSaid = true;
    this.revision++;
  }

  /** Every voter of the present era has said it; or nobody ever counts by other voters. */
  agree(): void {
    const { present } = this;
    if (present === undefined || this.isAgreed) return;
    for (const { voters } of this.#eras.slice(0, -1)) {
      if (isWithoutSome(present.voters, voters)) this.#former.push({ voters, sinceMs: present.sinceMs });
    }
    this.#former = this.#former.slice(-erasMax);
    this.#eras = [present];
    this.#isAgreed = true;
    this.#isLost = false;
    this.version++;
    this.revision++;
  }

  /** Forgets former voters whose takings no longer count in any window of up to `windowMs`. */
  forget(nowMs: number, windowMs: number): void {
    if (this.#former.length === 0) return;
    this.#former = this.#former.filter(({ sinceMs }) => nowMs < sinceMs + aftermathMs(windowMs));
    // Windows differ, so a shorter one may have ended at any time.
    this.version++;
  }

  /** This node's part of a limit. */
  share(bucket: string, limit: number, windowMs: number | undefined, nowMs: number): number {
    if (!this.#isAgreed || this.#isLost) return 0;
    let least = limit;
    for (const { voters } of this.#eras) least = Math.min(least, portionOf(bucket, limit, voters, this.#self));
    for (const { voters, sinceMs } of this.#former) {
      if (nowMs >= sinceMs + aftermathMs(windowMs)) continue;
      least = Math.min(least, portionOf(bucket, limit, voters, this.#self));
    }
    return least;
  }
}
