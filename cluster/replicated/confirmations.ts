import { backoffCeilingMs } from '../../kit/backoff.ts';
import type { Timer } from '../../kit/clock.ts';
import type { Environment } from '../environment.ts';
import type { Membership, NodeId } from '../membership/contract.ts';
import type { Body, Post } from '../post/contract.ts';
import type { Confirmation, ReplicatedRecord } from './contract.ts';
import { confirmationsMax } from './limits.ts';
import { encodeRecord, fieldsOf } from './record-wire.ts';

export const confirmService = 'records/confirm';

/** A question or its answer may be lost: a live member without an answer for so long … */
const tryMs = 1000;
/** … is asked again after so long, … */
const againMs = 50;
/** … and one that refuses after longer and longer: nothing but time can change its mind. */
const refusedDelays = { baseMs: 100, capMs: 1600 };

export interface ConfirmationParts {
  readonly post: Post;
  readonly membership: Membership;
  /** Whether this node's own disk has it. */
  readonly isSaved: (record: ReplicatedRecord) => boolean;
}

/** Asks all live members for their acknowledgement of a record, and waits for this node's own disk. */
export class Confirmations {
  readonly #environment: Environment;
  readonly #parts: ConfirmationParts;
  readonly #pending = new Set<Pending>();

  constructor(environment: Environment, parts: ConfirmationParts) {
    this.#environment = environment;
    this.#parts = parts;
  }

  begin(record: ReplicatedRecord, timeoutMs: number, done: (outcome: Confirmation) => void): void {
    const pending = new Pending(this.#environment, this.#parts, record, timeoutMs, (outcome) => {
      this.#pending.delete(pending);
      done(outcome);
    });
    if (this.#pending.size >= confirmationsMax) {
      pending.giveUp();
      return;
    }
    this.#pending.add(pending);
    pending.begin();
  }

  /** Somebody died, left or came, or something was written to disk: those who wait may have waited for it. */
  check(): void {
    for (const pending of this.#pending.values().toArray()) pending.check();
  }

  /** Those who wait are told what is known. */
  stop(): void {
    for (const pending of this.#pending.values().toArray()) pending.giveUp();
  }
}

class Pending {
  readonly #environment: Environment;
  readonly #parts: ConfirmationParts;
  readonly #record: ReplicatedRecord;
  readonly #body: Body;
  readonly #endMs: number;
  readonly #done: (outcome: Confirmation) => void;
  readonly #acknowledged: NodeId[];
  readonly #asked = new Set<NodeId>();
  readonly #refusals = new Map<NodeId, number>();
  readonly #timers = new Set<Timer>();
  #hasEnded = false;

  constructor(
    environment: Environment,
    parts: ConfirmationParts,
    record: ReplicatedRecord,
    timeoutMs: number,
    done: (outcome: Confirmation) => void,
  ) {
    this.#environment = environment;
    this.#parts = parts;
    this.#record = record;
    this.#body = { r: encodeRecord(record) };
    this.#endMs = environment.clock.monotonicMs() + timeoutMs;
    this.#done = done;
    this.#acknowledged = [parts.post.self];
  }

  begin(): void {
    this.#after(this.#leftMs, () => this.giveUp());
    this.check();
  }

  /** Asks whom it has not asked; ends when nobody is missing and the disk has it. */
  check(): void {
    const missing = this.#missing();
    if (missing.length === 0 && this.#isDurable) this.giveUp();
    else for (const member of missing) if (!this.#asked.has(member)) this.#ask(member);
  }

  giveUp(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    for (const timer of this.#timers) timer.cancel();
    this.#done({ acknowledged: this.#acknowledged, missing: this.#missing(), isDurable: this.#isDurable });
  }

  #ask(member: NodeId): void {
    if (this.#hasEnded) return;
    this.#asked.add(member);
    this.#parts.post.ask(member, confirmService, this.#body, Math.max(1, Math.min(tryMs, this.#leftMs)), (answer) => {
      if (this.#hasEnded) return;
      if (isAcknowledgement(answer)) this.#acknowledged.push(member);
      else this.#after(answer === undefined ? againMs : this.#refused(member), () => this.#again(member));
      this.check();
    });
  }

  /** How long to wait before the member is asked again. */
  #refused(member: NodeId): number {
    const count = this.#refusals.get(member) ?? 0;
    this.#refusals.set(member, count + 1);
    return backoffCeilingMs(count, refusedDelays);
  }

  #again(member: NodeId): void {
    this.#asked.delete(member);
    this.check();
  }

  get #isDurable(): boolean {
    return this.#parts.isSaved(this.#record);
  }

  #missing(): NodeId[] {
    return this.#parts.membership.live.map(({ nodeId }) => nodeId).filter((node) => !this.#acknowledged.includes(node));
  }

  get #leftMs(): number {
    return this.#endMs - this.#environment.clock.monotonicMs();
  }

  #after(delayMs: number, action: () => void): void {
    const timer = this.#environment.clock.after(delayMs, () => {
      this.#timers.delete(timer);
      action();
    });
    this.#timers.add(timer);
  }
}

function isAcknowledgement(answer: Body | undefined): boolean {
  return typeof answer === 'object' && answer !== null && !Array.isArray(answer) && fieldsOf(answer)['a'] === true;
}
