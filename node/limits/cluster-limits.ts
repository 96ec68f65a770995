import type { Quotas } from '../../cluster/quota/contract.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import type { Fault } from '../../kit/fault.ts';
import type { KeyLimits } from '../auth/contract.ts';
import { idlePeriodMs } from './bounds.ts';
import { bucketKinds, bucketName, limitOf, ruleOf } from './buckets.ts';
import type { BudgetBook } from './budget-book.ts';
import { budgetKinds } from './budget-kinds.ts';
import { ClusterPermit } from './cluster-permit.ts';
import type { LimitGate, LimitReadings, Permit } from './contract.ts';
import { Entry, type EntryDesk } from './entry.ts';
import type { KeyBudget } from './key-budget.ts';
import { KeyGate, stepCount } from './key-gate.ts';
import { bucketRefusal, budgetRefusal, type RefusalReason } from './refusals.ts';
import type { VoterReach } from './voter-reach.ts';

export interface ClusterLimitsParts {
  readonly clock: Clock;
  readonly quotas: Quotas;
  readonly reach: VoterReach;
  readonly book: BudgetBook;
  /** Limits of a key as they are now, the same object for the same revision; undefined for a key that has none, or is gone. */
  readonly limitsOf: (key: string) => KeyLimits | undefined;
  /** Something of this budget is to be written. */
  readonly onSpent: (budget: KeyBudget) => void;
}

/** Lets requests in as far as the limits of their keys go, which are those of the whole cluster. */
export class ClusterLimits implements LimitGate, EntryDesk {
  readonly clock: Clock;
  readonly #parts: ClusterLimitsParts;
  /** Keys with limits that were used lately. */
  readonly #gates = new Map<string, KeyGate>();
  readonly #refusals = new Map<RefusalReason, number>([...bucketKinds, ...budgetKinds].map((kind) => [kind, 0]));
  #round = 0;
  #timer: Timer | undefined;

  constructor(parts: ClusterLimitsParts) {
    this.clock = parts.clock;
    this.#parts = parts;
    parts.quotas.setRules((bucket) => ruleOf(bucket, parts.limitsOf));
  }

  start(): void {
    this.#timer = this.clock.every(idlePeriodMs, () => this.#dropIdle());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Requests that were not let in since the start, by reason. */
  get refusals(): ReadonlyMap<RefusalReason, number> {
    return this.#refusals;
  }

  /** Keys that are held ready. */
  get size(): number {
    return this.#gates.size;
  }

  enter(
    limits: KeyLimits,
    tokensEstimated: number,
    decided: (outcome: Permit | Fault) => void,
  ): (() => void) | undefined {
    const gate = this.#gateOf(limits);
    const spent = this.#spent(gate);
    if (spent !== undefined) {
      decided(spent);
      return undefined;
    }
    const tokensTaken = gate.tokensTaken(tokensEstimated);
    const step = gate.take(tokensTaken);
    if (step === stepCount) {
      decided(new ClusterPermit(gate, this.#parts, tokensEstimated, tokensTaken));
      return undefined;
    }
    const entry = new Entry(this, { gate, tokensEstimated, tokensTaken, decided }, step);
    return entry.isOver ? undefined : () => entry.withdraw();
  }

  readings(limits: KeyLimits): LimitReadings {
    return this.#gateOf(limits).readings();
  }

  admit(gate: KeyGate, tokensEstimated: number, tokensTaken: number, passedMs: number): Permit | Fault {
    const spent = this.#spent(gate);
    if (spent === undefined) return new ClusterPermit(gate, this.#parts, tokensEstimated, tokensTaken);
    gate.giveBack(stepCount, tokensTaken, passedMs);
    return spent;
  }

  refuse(gate: KeyGate, step: number, tokensTaken: number): Fault {
    const kind = bucketKinds[step] ?? 'requests';
    this.#count(kind);
    const waitMs =
      gate
        .quota(step)
        ?.reading()
        .retryAfterMs(step === 2 ? tokensTaken : 1) ?? 0;
    return bucketRefusal(kind, limitOf(gate.limits, kind) ?? 0, Math.max(1, waitMs));
  }

  /** A key is new, changed or gone: what it may do now holds with the next request. */
  changed(key: string): void {
    const limits = this.#parts.limitsOf(key);
    const gate = this.#gates.get(key);
    if (gate !== undefined && gate.limits !== limits) this.#replace(gate, limits);
    for (const kind of bucketKinds) this.#parts.quotas.changed(bucketName(key, kind));
  }

  /** An outdated revision of the limits may still be on its way; what the key has now counts. */
  #gateOf(given: KeyLimits): KeyGate {
    const known = this.#gates.get(given.id);
    if (known?.limits === given) {
      known.usedAt = this.#round;
      return known;
    }
    const limits = this.#parts.limitsOf(given.id) ?? given;
    return known?.limits === limits ? known : this.#make(limits);
  }

  #make(limits: KeyLimits): KeyGate {
    const { quotas, book, reach } = this.#parts;
    const gate = new KeyGate(limits, quotas, book, reach);
    gate.usedAt = this.#round;
    this.#gates.set(limits.id, gate);
    return gate;
  }

  #replace(gate: KeyGate, limits: KeyLimits | undefined): void {
    if (limits === undefined) this.#gates.delete(gate.limits.id);
    else this.#make(limits);
  }

  #spent({ budget }: KeyGate): Fault | undefined {
    if (budget === undefined) return undefined;
    this.#parts.reach.look();
    const index = budget.exhausted();
    if (index === undefined) return undefined;
    this.#count(budgetKinds[index]);
    return budgetRefusal(budget, index, this.clock.nowMs());
  }

  #count(reason: RefusalReason): void {
    this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1);
  }

  #dropIdle(): void {
    this.#round++;
    for (const [key, gate] of this.#gates) {
      if (gate.underWay === 0 && this.#round - gate.usedAt > 1) this.#gates.delete(key);
    }
  }
}
