import type { Clock, Timer } from '../../kit/clock.ts';
import type { Environment } from '../environment.ts';
import type { SharedState } from '../gossip/contract.ts';
import type { Leadership } from '../leader/contract.ts';
import type { Membership, NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import type { Bucket } from './bucket.ts';
import { Buckets } from './buckets.ts';
import type { KeptLoan, KeptQuotas, Quota, QuotaRule, Quotas, QuotaStore } from './contract.ts';
import { Census } from './census.ts';
import type { Desk, Guest } from './desk.ts';
import type { GivenLoan } from './given-loans.ts';
import { Hints } from './hints.ts';
import { Keeping } from './keeping.ts';
import { Lending } from './lending.ts';
import { keptLoansMax, lonelyTickMs, tickMs, ticksPerHint, usualWindowMs, waitersMax } from './limits.ts';
import type { Blame } from './past.ts';
import { Reckoning } from './reckoning.ts';
import { Snapshot } from './snapshot.ts';
import { UseAudits } from './use-audits.ts';

export interface SharedQuotasOptions extends Environment {
  readonly post: Post;
  readonly membership: Membership;
  readonly state: SharedState;
  readonly leadership: Leadership;
  readonly store: QuotaStore;
  readonly kept: KeptQuotas | undefined;
  /** Nobody else can ever be there. */
  readonly isAlone: boolean;
  /** The longest window expected before a rule is known; a minute unless given. */
  readonly expectedWindowMs?: number;
}

/** Shares come within this time after a start, if nothing is amiss: who waits for units waits for them. */
const beginningMs = 5000;
/** Questions for units under way, of all buckets; a transport carries 64 to each peer. */
const asksMax = 48;
/** Buckets in which nothing counts are let go this often. */
const ticksPerSweep = 25;

/**
 * Limits of the whole cluster by shares that are lent. Every unit is one node's at a time: its own by its share, or
 * another's by a loan that it counts against its share until a window after the loan's end. What a node may have taken
 * and forgotten counts as taken. So what is taken in any window is never more than the limit.
 */
export class SharedQuotas implements Quotas, Desk {
  sharesVersion = 1;
  isCeased = false;
  readonly clock: Clock;
  readonly post: Post;
  readonly askTimeoutMs: number;
  readonly #options: SharedQuotasOptions;
  readonly #buckets: Buckets;
  readonly #reckoning: Reckoning;
  readonly #keeping: Keeping;
  readonly #hints: Hints;
  readonly #audits: UseAudits;
  readonly #active = new Set<Bucket>();
  /** Loans of buckets that this process has not opened yet. */
  readonly #keptLoans: Map<string, readonly KeptLoan[]>;
  readonly #census: Census;
  readonly #snapshot: Snapshot;
  #windowMaxMs: number;
  #beganMs = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;
  #isRunning = false;
  #ticks = 0;
  #loanId: number;
  #asks = 0;
  #waiters = 0;
  #sharesSeen = '';
  #revisionKept = 0;

  constructor(options: SharedQuotasOptions) {
    const { clock, log, post, timing, kept, membership, random, store } = options;
    this.#options = options;
    this.clock = clock;
    this.post = post;
    this.askTimeoutMs = timing.probeTimeoutMs;
    this.#windowMaxMs = options.expectedWindowMs ?? usualWindowMs;
    this.#keptLoans = Map.groupBy(kept?.loans ?? [], ({ bucket }) => bucket);
    // No two processes of a node number their loans alike.
    const epoch = random.below(2 ** 31);
    this.#loanId = epoch * 256;
    this.#buckets = new Buckets({
      desk: this,
      log,
      restored: (bucket) => this.#takeKeptLoans(bucket),
      opened: (bucket) => this.#opened(bucket),
      dropped: (bucket) => this.#dropped(bucket),
    });
    this.#reckoning = new Reckoning({
      ...options,
      self: post.self,
      epoch,
      fits: (voters) => this.#fits(voters),
      windowMaxMs: () => this.#windowMaxMs,
      isFirst: () => this.#pardon(),
    });
    this.#census = new Census({
      isNeeded: this.#reckoning.past.isUnknown,
      self: post.self,
      membership,
      voters: () => this.voters,
    });
    this.#snapshot = new Snapshot({
      clock,
      self: post.self,
      membership,
      buckets: this.#buckets,
      reckoning: this.#reckoning,
      keptLoans: this.#keptLoans,
      lenders: () => this.#audits.lenders,
      windowMaxMs: () => this.#windowMaxMs,
    });
    this.#keeping = new Keeping({
      clock,
      log,
      store,
      content: () => this.#snapshot.take(this.isCeased),
      settled: () => this.#lookAtShares(),
    });
    this.#hints = new Hints({ clock, self: post.self, state: options.state, peek: (name) => this.#buckets.peek(name) });
    this.#audits = new UseAudits({
      clock,
      post,
      membership,
      buckets: this.#buckets,
      askTimeoutMs: this.askTimeoutMs,
      goneMs: timing.deadVoterKeepMs,
      mustAsk: () => this.#census.missing(),
      answered: (borrower) => this.#census.count(borrower),
    });
    const lending = new Lending({
      post,
      membership,
      buckets: this.#buckets,
      isRunning: () => this.#isRunning,
      mayLendUse: () => this.#snapshot.useLoans().length < keptLoansMax,
      keep: (done) => this.#keeping.save(done),
      lent: (bucket) => this.#audits.lent(bucket),
    });
    lending.listen();
  }

  start(): void {
    this.#isRunning = true;
    this.#beganMs = this.clock.monotonicMs();
    for (const bucket of this.#keptLoans.keys()) this.#buckets.openLimited(bucket);
    // Before anything is taken: what is on the disk from before must not be taken for what is true now.
    this.#keeping.save(() => undefined);
    this.#tick();
    this.#arm();
  }

  stop(): void {
    this.#isRunning = false;
    this.isCeased = true;
    this.#keeping.stop();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Takes nothing any more, gives back what is borrowed, and writes down what counts; `done` when that is on the disk. */
  close(done: () => void): void {
    if (this.isCeased) return done();
    this.isCeased = true;
    for (const bucket of this.#buckets) bucket.cease();
    this.#keeping.save(() => done());
  }

  setRules(ruleOf: (bucket: string) => QuotaRule | undefined): void {
    this.#buckets.setRules((bucket) => this.#noted(ruleOf(bucket)));
    if (this.#isRunning) for (const bucket of this.#keptLoans.keys()) this.#buckets.openLimited(bucket);
  }

  at(bucket: string): Quota {
    return this.#buckets.at(bucket);
  }

  changed(bucket: string): void {
    this.#buckets.changed(bucket);
  }

  get isBeginning(): boolean {
    const nowMs = this.clock.monotonicMs();
    const { standing, past } = this.#reckoning;
    const isReady = this.#keeping.isBegun && standing.isAgreed && nowMs < this.sharesEndMs && !past.isUnknown;
    return !isReady && nowMs - this.#beganMs < beginningMs;
  }

  get isUnwritable(): boolean {
    return this.#keeping.isUnwritable;
  }

  get voters(): readonly NodeId[] {
    return this.#reckoning.voters;
  }

  get sharesEndMs(): number {
    return this.#reckoning.sharesEndMs;
  }

  shareOf(bucket: string, rule: QuotaRule): number {
    return this.#keeping.isBegun ? this.#reckoning.share(bucket, rule) : 0;
  }

  blameOf(bucket: string, { limit, windowMs }: QuotaRule): Blame {
    const { past } = this.#reckoning;
    if (windowMs !== undefined) return past.blame(bucket, limit, windowMs, this.clock.monotonicMs());
    return { counts: [], amount: this.#census.isOver ? 0 : limit };
  }

  blameUntilMs({ windowMs }: QuotaRule): number {
    return windowMs === undefined ? Number.POSITIVE_INFINITY : this.#reckoning.past.untilMs(windowMs);
  }

  canAsk(node: NodeId): boolean {
    const { membership } = this.#options;
    return node !== this.post.self && this.post.isReachable(node) && membership.isLive(node);
  }

  touched({ name, isActive }: Guest): void {
    const bucket = isActive ? undefined : this.#buckets.peek(name);
    if (bucket === undefined) return;
    bucket.isActive = true;
    this.#active.add(bucket);
    this.#arm();
  }

  mark(bucket: Guest): void {
    this.#keeping.save((isKept) => {
      if (isKept || this.isUnwritable) bucket.marked();
      else this.mark(bucket);
    });
  }

  nextLoanId(): number {
    return ++this.#loanId;
  }

  beginAsk(): boolean {
    if (this.#asks >= asksMax || !this.#isRunning) return false;
    this.#asks++;
    return true;
  }

  endAsk(): void {
    this.#asks--;
  }

  beginWait(): boolean {
    if (this.#waiters >= waitersMax) return false;
    this.#waiters++;
    return true;
  }

  endWait(): void {
    this.#waiters--;
  }

  #noted(rule: QuotaRule | undefined): QuotaRule | undefined {
    if (rule?.windowMs !== undefined) this.#windowMaxMs = Math.max(this.#windowMaxMs, rule.windowMs);
    return rule;
  }

  /** A node alone has no timer while nothing counts. */
  #arm(): void {
    if (this.#timer !== undefined || !this.#isRunning) return;
    const { isAlone } = this.#options;
    if (isAlone && this.#buckets.size === 0) return;
    this.#timer = this.clock.every(isAlone ? lonelyTickMs : tickMs, () => this.#tick());
  }

  #tick(): void {
    this.#ticks++;
    if (!this.isCeased) this.#lookAtShares();
    const isTelling = !this.#options.isAlone && this.#ticks % ticksPerHint === 0;
    for (const bucket of this.#active) {
      const staysActive = bucket.tick();
      if (isTelling) this.#hints.tell(bucket);
      if (!staysActive) this.#retire(bucket);
    }
    if (!this.#options.isAlone && !this.isCeased) this.#audits.tick(this.clock.monotonicMs());
    if (!this.isCeased && this.#census.look()) this.#pardonUse();
    if (this.#ticks % ticksPerSweep === 0) this.#tidy();
    if (this.#options.isAlone && this.#buckets.size === 0) this.#rest();
  }

  #tidy(): void {
    if (!this.#options.isAlone) this.#leaveLenders();
    this.#buckets.sweep();
  }

  #rest(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #retire(bucket: Bucket): void {
    bucket.isActive = false;
    this.#active.delete(bucket);
    this.#hints.untell(bucket);
  }

  #lookAtShares(): void {
    const { past, standing } = this.#reckoning;
    this.#reckoning.look();
    past.forget(this.clock.monotonicMs(), this.#windowMaxMs);
    if (standing.revision !== this.#revisionKept) {
      this.#revisionKept = standing.revision;
      this.#keeping.save(() => undefined);
    }
    const isHeld = this.clock.monotonicMs() < this.sharesEndMs;
    const seen = `${standing.version} ${isHeld} ${this.#keeping.isBegun} ${this.isUnwritable}`;
    if (seen === this.#sharesSeen) return;
    this.#sharesSeen = seen;
    this.sharesVersion++;
    for (const bucket of this.#active) bucket.wake();
  }

  /** Units without a window of one that is no voter any more are somebody else's now, or this node's own. */
  #leaveLenders(): void {
    const { voters } = this;
    const deadMs = this.#options.timing.deadVoterKeepMs;
    const nowMs = this.clock.monotonicMs();
    for (const bucket of this.#buckets) {
      if (bucket.isUse) {
        bucket.dropLoans(({ lender, heardMs }) => !voters.includes(lender) || nowMs - heardMs > 0.8 * deadMs);
      }
    }
  }

  #fits(voters: readonly NodeId[]): boolean {
    this.#leaveLenders();
    for (const bucket of this.#buckets) if (!bucket.fits(voters, this.post.self)) return false;
    return true;
  }

  #opened(bucket: Bucket): void {
    // It is among those that were written down when this process began.
    if (this.#reckoning.past.isInherited(bucket.name)) bucket.marked();
    this.#hints.opened(bucket, this.voters);
    this.#arm();
  }

  #dropped(bucket: Bucket): void {
    if (bucket.isActive) this.#retire(bucket);
  }

  /** What was lent without a window is known again. */
  #pardonUse(): void {
    for (const bucket of this.#buckets) if (bucket.isUse) bucket.account?.blame(0, 0);
  }

  /** No earlier process took anything. */
  #pardon(): void {
    this.#census.end();
    for (const bucket of this.#buckets) bucket.account?.blame(0, 0);
    this.sharesVersion++;
    this.#keeping.save(() => undefined);
  }

  #takeKeptLoans(bucket: string): GivenLoan[] {
    const loans = this.#keptLoans.get(bucket) ?? [];
    this.#keptLoans.delete(bucket);
    const opened = this.#buckets.peek(bucket);
    if (opened !== undefined && loans.length > 0) this.#audits.lent(opened);
    const givenMs = this.clock.monotonicMs();
    return loans.map(({ borrower, id, amount }) => ({
      borrower,
      id,
      amount,
      givenMs,
      endMs: Number.POSITIVE_INFINITY,
    }));
  }
}
