import type { NodeId } from '../membership/contract.ts';
import type { Account } from './account.ts';
import { Borrowing } from './borrowing.ts';
import type { QuotaReading, QuotaRule } from './contract.ts';
import type { Desk } from './desk.ts';
import { quotaFaults } from './faults.ts';
import type { GivenLoan } from './given-loans.ts';
import type { HeldLoan } from './held-loan.ts';
import { givenOfBucketMax, idleLoanMs, lifeMsOf, tickMs } from './limits.ts';
import { unwrittenPart } from './past.ts';
import { portionOf } from './portion.ts';
import type { ReturnMessage } from './quota-messages.ts';
import { BucketReading, type Hint } from './reading.ts';
import { UseAccount } from './use-account.ts';
import { WaitingLine } from './waiting-line.ts';
import { WindowAccount } from './window-account.ts';

/** A mark is asked for when this part of what needs none counts. */
const markAtShare = 0.75;
/** Borrowers that wait for one write of the disk. */
const lendsMax = 64;
/** A mark is given up when less than this part of the share counts. */
const unmarkShare = 0.25;
/** More is borrowed when less than this part of an equal share is left. */
const lowShare = 0.2;
/** Borrowing ahead is thought of no more often. */
const aheadGapMs = 20;
/** What is borrowed ahead lasts so long at the present demand, and is no more than this part of the limit. */
const aheadSeconds = 2;
const aheadShare = 0.1;

/** One bucket at this node: what is taken, lent and borrowed, and who waits for it. */
export class Bucket {
  readonly name: string;
  /** Nothing counts here and it was let go: another may have taken its place. */
  isDropped = false;
  /** It has a place in the desk's tick. */
  isActive = false;
  /** It is written down that all of the share may be taken. */
  isMarked = false;
  rule: QuotaRule | undefined;
  /** … and this is wanted. */
  isMarkWanted = false;
  readonly hints = new Map<NodeId, Hint>();
  /** What this node last told the others. */
  told: number | undefined;
  readonly #desk: Desk;
  #account: Account | undefined;
  #sharesVersion = 0;
  #sharesEndMs = 0;
  #line: WaitingLine | undefined;
  #borrowing: Borrowing | undefined;
  /** Borrowers that wait for the mark. */
  readonly #lends: (() => void)[] = [];
  #isServing = false;
  #markAt = 0;
  #low = 0;
  #usedMs = Number.NEGATIVE_INFINITY;
  #idleSinceMs: number | undefined;
  #aheadAtMs = Number.NEGATIVE_INFINITY;
  #spentSinceTick = 0;
  #perSecond = 0;
  #tickedMs: number;

  constructor(name: string, desk: Desk) {
    this.name = name;
    this.#desk = desk;
    this.#tickedMs = desk.clock.monotonicMs();
  }

  /** Undefined without a rule. */
  get account(): Account | undefined {
    return this.#account;
  }

  get isUse(): boolean {
    return this.rule !== undefined && this.rule.windowMs === undefined;
  }

  /** The rule is another; what was taken goes on counting. */
  setRule(rule: QuotaRule | undefined, restored: readonly GivenLoan[] = []): void {
    const { rule: before } = this;
    this.rule = rule;
    if (rule === undefined) {
      this.#settleAll(true);
      return;
    }
    if (this.#account === undefined || before?.windowMs !== rule.windowMs) this.#replaceAccount(rule);
    for (const loan of restored) this.#account?.given.add(loan);
    this.refresh();
    this.#serve();
  }

  take(amount: number): boolean {
    if (!(amount >= 0)) throw new RangeError('an amount is not negative');
    const account = this.#account;
    if (account === undefined || this.rule === undefined) return true;
    if (this.#desk.isCeased || (this.#line !== undefined && this.#line.size > 0)) return false;
    return this.#tryTake(account, amount, this.#desk.clock.monotonicMs());
  }

  obtain(amount: number, timeoutMs: number, done: (isTaken: boolean) => void): void {
    if (this.take(amount)) return done(true);
    const desk = this.#desk;
    if (desk.isCeased || timeoutMs <= 0 || amount > (this.rule?.limit ?? 0)) return done(false);
    this.#line ??= new WaitingLine(desk.clock, () => desk.endWait());
    if (this.#line.isFull || !desk.beginWait()) return done(false);
    this.#line.join({ amount, done }, timeoutMs);
    this.#touch();
    this.#serve();
  }

  correct(difference: number, agoMs: number): void {
    if (this.rule === undefined || difference === 0) return;
    this.#account?.correct(this.#desk.clock.monotonicMs(), difference, agoMs);
    this.#touch();
    if (difference < 0) this.#serve();
  }

  release(amount: number): void {
    this.#account?.release(amount);
    this.#touch();
    if (this.#line !== undefined) this.#serve();
  }

  reading(): QuotaReading {
    const { rule } = this;
    return new BucketReading({
      limit: rule?.limit ?? Number.POSITIVE_INFINITY,
      bucket: this.name,
      account: rule === undefined ? undefined : this.#account,
      hints: this.hints,
      desk: this.#desk,
    });
  }

  /** Counts by the shares of now. */
  refresh(): void {
    const { rule } = this;
    const account = this.#account;
    this.#sharesVersion = this.#desk.sharesVersion;
    this.#sharesEndMs = this.#desk.sharesEndMs;
    if (rule === undefined || account === undefined) return;
    account.share = this.#desk.shareOf(this.name, rule);
    const isFree = this.isUse || this.isMarked || this.#desk.isUnwritable;
    account.ceiling = isFree ? Number.POSITIVE_INFINITY : unwrittenPart(account.share);
    this.#markAt = account.ceiling < account.share ? account.ceiling * markAtShare : Number.POSITIVE_INFINITY;
    this.#low = Math.max(1, Math.ceil((rule.limit * lowShare) / Math.max(1, this.#desk.voters.length)));
  }

  /** Shares or marks changed. */
  wake(): void {
    this.refresh();
    this.#serve();
  }

  marked(): void {
    this.isMarkWanted = false;
    this.isMarked = true;
    this.wake();
    for (const lend of this.#lends.splice(0)) lend();
  }

  /** Calls `lend` once as much as there is may be lent: at once, or when that is written down. */
  whenLendable(wanted: number, lend: () => void): void {
    const account = this.#account;
    const lendable = account?.lendable(this.#desk.clock.monotonicMs()) ?? wanted;
    const isHeldUp = lendable < wanted && account !== undefined && account.share - account.counted > lendable;
    if (!isHeldUp || this.isMarked || this.#lends.length >= lendsMax) return lend();
    this.#wantMark(account, wanted);
    if (this.isMarkWanted) this.#lends.push(lend);
    else lend();
  }

  /** Lends what was asked for or a part of it; undefined when there is nothing to lend. */
  lend(borrower: NodeId, id: number, wanted: number): GivenLoan | undefined {
    const { rule } = this;
    const account = this.#account;
    const nowMs = this.#desk.clock.monotonicMs();
    if (rule === undefined || account === undefined || this.#desk.isCeased) return undefined;
    this.#keepCurrent(nowMs);
    this.#touch();
    const known = account.given.get(borrower, id);
    const free = this.#line !== undefined && this.#line.size > 0 ? 0 : Math.floor(account.lendable(nowMs));
    if (free < 1) this.#wantMark(account, 1);
    if (known !== undefined || free < 1 || account.given.size >= givenOfBucketMax) return undefined;
    const lifeMs = lifeMsOf(rule.windowMs);
    // What is soon needed here stays, and at most half: the next one would only be borrowed back.
    const needed = nowMs - this.#usedMs > lifeMs ? 0 : Math.ceil(this.#perSecond * aheadSeconds);
    const amount = Math.min(wanted, Math.max(1, free - Math.min(needed, Math.ceil(free / 2))));
    const endMs = rule.windowMs === undefined ? Number.POSITIVE_INFINITY : nowMs + lifeMs;
    const loan = { borrower, id, amount, givenMs: nowMs, endMs };
    account.given.add(loan);
    this.#wantMark(account, 0);
    return loan;
  }

  /** When it may be worth asking again. */
  againMs(): number {
    return this.#account?.untilFreeMs(this.#desk.clock.monotonicMs(), 1) ?? 0;
  }

  /** A borrower gives a loan back; false when it has none. Throws a Fault when it took more than it had. */
  takeBack(from: NodeId, { id, spends }: ReturnMessage): boolean {
    const account = this.#account;
    const loan = account?.given.get(from, id);
    if (account === undefined || loan === undefined) return false;
    if (spends.reduce((sum, [, amount]) => sum + amount, 0) > loan.amount) {
      throw quotaFaults.bad_quota_message('More was taken of a loan than it had.');
    }
    account.close(this.#desk.clock.monotonicMs(), loan, spends);
    this.#touch();
    this.#serve();
    return true;
  }

  /** Lets go of loans that this node must not use any more. */
  dropLoans(isUnwanted: (loan: HeldLoan) => boolean): void {
    this.#account?.held.drop(isUnwanted);
    this.#returnLoans();
  }

  voidQuestions(lender: NodeId): void {
    this.#borrowing?.voidQuestions(lender);
  }

  /** Whether it fits a share of these voters. */
  fits(voters: readonly NodeId[], self: NodeId): boolean {
    const { rule } = this;
    const account = this.#account;
    if (rule === undefined || account === undefined) return true;
    account.takeable(this.#desk.clock.monotonicMs());
    return account.counted <= portionOf(this.name, rule.limit, voters, self);
  }

  /** Gives back what is over; false when there is nothing to come back for. */
  tick(): boolean {
    const nowMs = this.#desk.clock.monotonicMs();
    const account = this.#account;
    if (account === undefined) return false;
    this.#keepCurrent(nowMs);
    account.takeable(nowMs);
    this.#measure(nowMs);
    if (this.isUse) this.#dropIdleLoans(account, nowMs);
    this.#returnLoans();
    if (this.isMarked && account.counted < account.share * unmarkShare) this.#unmark();
    this.#serve();
    return !account.isIdle(nowMs);
  }

  isIdle(): boolean {
    if ((this.#line?.size ?? 0) > 0 || this.isMarkWanted) return false;
    return this.#account?.isIdle(this.#desk.clock.monotonicMs()) !== false;
  }

  /** The node leaves: gives everything back and refuses whoever waits. */
  cease(): void {
    const nowMs = this.#desk.clock.monotonicMs();
    // What requests still hold goes back with the end of the process.
    this.dropLoans((loan) => !this.isUse || (this.#account?.takeable(nowMs) ?? 0) >= loan.amount);
    this.#settleAll(false);
  }

  #tryTake(account: Account, amount: number, nowMs: number): boolean {
    this.#keepCurrent(nowMs);
    const takeable = account.takeable(nowMs);
    this.#usedMs = nowMs;
    if (takeable < amount && (!this.#wantMark(account, amount) || account.takeable(nowMs) < amount)) return false;
    account.spend(nowMs, amount);
    this.#spentSinceTick += amount;
    if (!this.isActive) this.#touch();
    if (account.counted > this.#markAt) this.#wantMark(account, 0);
    if (takeable - amount < this.#low && nowMs >= this.#aheadAtMs) this.#borrowAhead(nowMs, takeable - amount);
    return true;
  }

  /** First come, first served; whoever can have nothing soon is told at once. */
  #serve(): void {
    const account = this.#account;
    const line = this.#line;
    if (account === undefined || line === undefined || this.#isServing) return;
    this.#isServing = true;
    for (let first = line.first; first !== undefined; first = line.first) {
      const nowMs = this.#desk.clock.monotonicMs();
      if (this.#tryTake(account, first.amount, nowMs)) line.settle(true);
      else if (this.#mayHope(account, line, nowMs)) break;
      else line.settle(false);
    }
    this.#isServing = false;
  }

  #mayHope(account: Account, line: WaitingLine, nowMs: number): boolean {
    const desk = this.#desk;
    const lacking = line.wanted - account.takeable(nowMs);
    if (account.isIndebted) return false;
    if (this.isMarkWanted && account.share > account.counted) return true;
    return this.#borrower().seek(Math.max(lacking, this.#aheadAmount()), nowMs) || desk.isBeginning;
  }

  #borrowAhead(nowMs: number, left: number): void {
    this.#aheadAtMs = nowMs + aheadGapMs;
    const amount = this.#aheadAmount();
    if (amount > left && this.#desk.voters.length > 0) this.#borrower().seek(amount, nowMs);
  }

  /** Nothing where a unit is much of the limit: it would lie here while the others are asked for it. */
  #aheadAmount(): number {
    return Math.floor(Math.min(this.#perSecond * aheadSeconds, (this.rule?.limit ?? 0) * aheadShare));
  }

  #borrower(): Borrowing {
    this.#borrowing ??= new Borrowing({
      desk: this.#desk,
      bucket: this.name,
      hasWindow: () => !this.isUse,
      freeOf: (node) => this.hints.get(node)?.free ?? (this.rule?.limit ?? 0) / Math.max(1, this.#desk.voters.length),
      heldCount: () => this.#account?.held.size ?? 0,
      took: (loan) => {
        this.#account?.held.add(loan);
        this.#touch();
      },
      settled: () => this.#serve(),
    });
    return this.#borrowing;
  }

  /** Written down before more is taken than what needs no word; true when that was done at once. */
  #wantMark(account: Account, amount: number): boolean {
    if (this.isMarkWanted || this.isMarked || account.counted + amount <= this.#markAt) return false;
    this.isMarkWanted = true;
    this.#desk.mark(this);
    return this.isMarked;
  }

  #unmark(): void {
    this.isMarked = false;
    this.refresh();
  }

  #returnLoans(): void {
    const account = this.#account;
    if (account === undefined || !account.held.hasOver) return;
    const nowMs = this.#desk.clock.monotonicMs();
    for (const loan of account.held.takeOver()) this.#borrower().giveBack(loan, nowMs);
  }

  /** Without a window nothing ends by itself. */
  #dropIdleLoans(account: Account, nowMs: number): void {
    const loan = account.held.all()[0];
    const left = account.takeable(nowMs) - (loan?.amount ?? Number.POSITIVE_INFINITY);
    const isNeeded = left < 0 || (left < this.#low && nowMs - this.#usedMs < idleLoanMs);
    this.#idleSinceMs = isNeeded ? undefined : (this.#idleSinceMs ?? nowMs);
    if (this.#idleSinceMs === undefined || nowMs - this.#idleSinceMs < idleLoanMs) return;
    account.held.drop((each) => each === loan);
  }

  #measure(nowMs: number): void {
    const passedMs = nowMs - this.#tickedMs;
    if (passedMs < tickMs / 2) return;
    this.#tickedMs = nowMs;
    const perSecond = (this.#spentSinceTick * 1000) / passedMs;
    this.#perSecond = perSecond > this.#perSecond ? perSecond : this.#perSecond * 0.8 + perSecond * 0.2;
    this.#spentSinceTick = 0;
  }

  #keepCurrent(nowMs: number): void {
    if (this.#sharesVersion !== this.#desk.sharesVersion || nowMs >= this.#sharesEndMs) this.refresh();
  }

  #touch(): void {
    this.#desk.touched(this);
  }

  #settleAll(isTaken: boolean): void {
    while (this.#line?.first !== undefined) this.#line.settle(isTaken);
  }

  /** What counted by the old window counts by the new one as if it had been taken by then. */
  #replaceAccount(rule: QuotaRule): void {
    const nowMs = this.#desk.clock.monotonicMs();
    const former = this.#account;
    const { counts, amount } = this.#desk.blameOf(this.name, rule);
    former?.held.drop(() => true);
    this.#returnLoans();
    const account = rule.windowMs === undefined ? new UseAccount() : new WindowAccount(rule.windowMs);
    this.#account = account;
    account.takeable(nowMs);
    if (former === undefined) {
      account.restore(nowMs, counts);
      if (amount > 0) account.blame(amount, this.#desk.blameUntilMs(rule));
    } else account.restore(nowMs, former.counts(nowMs));
  }
}
