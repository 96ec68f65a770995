import type { NodeId } from '../membership/contract.ts';
import type { Desk } from './desk.ts';
import { HeldLoan } from './held-loan.ts';
import { heldOfBucketMax, lifeBelievedMaxMs, shortened } from './limits.ts';
import { encodeBorrow, encodeReturn, readBorrowAnswer, type BorrowAnswer } from './quota-messages.ts';

/** One that has nothing is not asked again before there may be something, and within these times. */
const refusedMinMs = 50;
const refusedMaxMs = 1000;
/** One that does not answer. */
const silentMs = 500;

export interface BorrowingOptions {
  readonly desk: Desk;
  readonly bucket: string;
  readonly hasWindow: () => boolean;
  /** How much a member may have, as far as this node has heard. */
  readonly freeOf: (node: NodeId) => number;
  readonly heldCount: () => number;
  readonly took: (loan: HeldLoan) => void;
  /** An answer came, or none will. */
  readonly settled: () => void;
}

interface Question {
  readonly lender: NodeId;
  readonly id: number;
  readonly wanted: number;
  readonly askedMs: number;
  /** Whatever the answer is, nothing of it may be spent. */
  isVoid: boolean;
}

/** Asks others for units of one bucket: the one that seems to have most, and two at once only after one had nothing. */
export class Borrowing {
  readonly #options: BorrowingOptions;
  readonly #questions = new Map<NodeId, Question>();
  readonly #refusedUntilMs = new Map<NodeId, number>();
  #atOnce = 1;

  constructor(options: BorrowingOptions) {
    this.#options = options;
  }

  /** True while an answer is awaited, to this or an earlier question. */
  seek(wanted: number, nowMs: number): boolean {
    while (this.#questions.size < this.#atOnce && this.#options.heldCount() < heldOfBucketMax) {
      const lender = this.#best(nowMs);
      if (lender === undefined || !this.#options.desk.beginAsk()) break;
      this.#ask(lender, wanted, nowMs);
    }
    return this.#questions.size > 0;
  }

  /** This node has told a lender what it holds of it: what it has not got by now it must not take. */
  voidQuestions(lender: NodeId): void {
    const question = this.#questions.get(lender);
    if (question !== undefined) question.isVoid = true;
  }

  giveBack(loan: Pick<HeldLoan, 'lender' | 'id' | 'spends'>, nowMs: number): void {
    const { desk, bucket, hasWindow } = this.#options;
    const spends = hasWindow() ? loan.spends(nowMs) : [];
    desk.post.send(loan.lender, 'quota/return', encodeReturn({ bucket, id: loan.id, spends }));
  }

  #best(nowMs: number): NodeId | undefined {
    const { desk, freeOf } = this.#options;
    let best: NodeId | undefined;
    let most = Number.NEGATIVE_INFINITY;
    for (const node of desk.voters) {
      if (this.#questions.has(node) || (this.#refusedUntilMs.get(node) ?? 0) > nowMs || !desk.canAsk(node)) continue;
      const free = freeOf(node);
      if (free <= most) continue;
      most = free;
      best = node;
    }
    return best;
  }

  #ask(lender: NodeId, wanted: number, nowMs: number): void {
    const { desk, bucket } = this.#options;
    const question: Question = { lender, id: desk.nextLoanId(), wanted, askedMs: nowMs, isVoid: false };
    this.#questions.set(lender, question);
    const body = encodeBorrow({ bucket, wanted, id: question.id });
    desk.post.ask(lender, 'quota/borrow', body, desk.askTimeoutMs, (answer) => {
      desk.endAsk();
      this.#questions.delete(lender);
      this.#answered(question, readBorrowAnswer(answer));
      this.#options.settled();
    });
  }

  #answered(question: Question, answer: BorrowAnswer | undefined): void {
    const { desk } = this.#options;
    const { lender, wanted } = question;
    const nowMs = desk.clock.monotonicMs();
    const isGiven = answer !== undefined && answer.amount > 0 && answer.amount <= wanted;
    if (isGiven && this.#mayTake(question, answer, nowMs)) this.#options.took(this.#loanOf(question, answer));
    // It may have lent although nothing of it was heard in time.
    else if (isGiven || answer === undefined) this.giveBack({ lender, id: question.id, spends: () => [] }, nowMs);
    if (answer === undefined) this.#refusedUntilMs.set(lender, nowMs + silentMs);
    else if (answer.amount < wanted) this.#refusedUntilMs.set(lender, nowMs + patienceMs(answer));
    this.#atOnce = isGiven ? 1 : 2;
  }

  #mayTake({ askedMs, isVoid }: Question, { lifeMs }: BorrowAnswer, nowMs: number): boolean {
    const { desk, hasWindow } = this.#options;
    if (isVoid || desk.isCeased || hasWindow() !== (lifeMs !== undefined)) return false;
    return lifeMs === undefined || nowMs < endOf(askedMs, lifeMs);
  }

  #loanOf({ lender, id, askedMs }: Question, { amount, lifeMs }: BorrowAnswer): HeldLoan {
    const endMs = lifeMs === undefined ? Number.POSITIVE_INFINITY : endOf(askedMs, lifeMs);
    return new HeldLoan({ lender, id, amount, askedMs, endMs });
  }
}

/** The lender counts from when it answers, which is later than when it was asked. */
function endOf(askedMs: number, lifeMs: number): number {
  return askedMs + shortened(Math.min(lifeMs, lifeBelievedMaxMs));
}

/** One that lends a part of what it has may be asked for another at once. */
function patienceMs({ amount, againMs }: BorrowAnswer): number {
  if (amount > 0 && againMs === 0) return 0;
  return Math.min(refusedMaxMs, Math.max(refusedMinMs, againMs));
}
