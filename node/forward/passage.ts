import type { DenseMember } from '../../kit/dense-set.ts';
import type { Fault } from '../../kit/fault.ts';
import type { Account, Attempt } from '../accounts/contract.ts';
import type { KeptAnswer } from '../cache/contract.ts';
import type { Upstream, UpstreamRequest } from '../providers/contract.ts';
import type { WireHeaders } from '../wire/contract.ts';
import { accountFor } from './account-for.ts';
import { type AdmissionHost, admissionOf } from './admission.ts';
import { asFault } from './as-fault.ts';
import { noBytes, type Call } from './call.ts';
import { choose, excludeIncapable, mayWait, pickContext } from './choose.ts';
import { sendFault, sendKept } from './client-side.ts';
import { ClientWriter } from './client-writer.ts';
import type { Engine } from './engine.ts';
import { Entrance, type EntranceHost } from './entrance.ts';
import { forwardFaults } from './faults.ts';
import { hangUpLater } from './hang-up-later.ts';
import { prepareFor } from './prepare.ts';
import type { Prepared } from './prepared.ts';
import type { Relay } from './relay/contract.ts';
import { retryDelayMs } from './retry.ts';
import { type FailedAttempt, Revision, type RevisionHost } from './revision.ts';
import { Sending, type SendListener } from './send.ts';
import { settle, settleAttempt } from './settle.ts';
import { withSoonestReturn } from './soonest-return.ts';
import { answerTokenCount } from './token-count.ts';
import { isTokenRefused, TokenRenewals } from './token-renewals.ts';
import { transmit } from './transmit.ts';
import { completeUsage, keepUsage } from './used-tokens.ts';
import { Waiting, type WaitingHost } from './waiting.ts';

/** One call's way through the phases; the only place that repeats an attempt. */
export class Passage implements EntranceHost, SendListener, AdmissionHost, RevisionHost, WaitingHost, DenseMember {
  denseIndex = -1;
  readonly #call: Call;
  readonly #engine: Engine;
  readonly #onSettled: (passage: Passage) => void;
  readonly #writer: ClientWriter;
  readonly #entrance: Entrance;
  #attempt: Attempt | undefined;
  #prepared: Prepared | undefined;
  #sending: Sending | undefined;
  #waiting: Waiting | undefined;
  readonly #renewals: TokenRenewals = new TokenRenewals();
  #revision: Revision | undefined;
  #isSettled = false;
  /** The client has gone, but others wait for the answer. */
  #isDetached = false;

  constructor(call: Call, engine: Engine, onSettled: (passage: Passage) => void) {
    this.#call = call;
    this.#engine = engine;
    this.#onSettled = onSettled;
    this.#writer = new ClientWriter(call, engine.frame, engine.deps.clock);
    this.#entrance = new Entrance(call, engine, this);
  }

  start(): void {
    this.#engine.deps.meter.active++;
    this.#call.response.on('close', () => this.#closed());
    this.#entrance.start();
  }

  /** It waits for the answer to an identical request. */
  get isFollowing(): boolean {
    return this.#call.admission?.isWaiting === true;
  }

  /** The node stops and may not wait any longer. */
  interrupt(): void {
    if (this.#isDetached) {
      this.#conclude();
      return;
    }
    const fault = forwardFaults.node_stopping('this node is stopping', { retryAfterMs: 1000 });
    this.#entrance.drop();
    this.#release();
    if (this.#call.committed) this.#writer.failCommitted(fault);
    else this.#answerFault(fault);
    this.#call.admission?.leave();
  }

  entered(): void {
    const call = this.#call;
    try {
      if (call.endpoint.kind === 'protocol' && !excludeIncapable(call, call.endpoint)) {
        this.#estimateTokens();
        return;
      }
    } catch (error) {
      this.#answerFault(error);
      return;
    }
    if (this.#engine.deps.cache.isEnabled && !this.#admit()) return;
    this.#ask();
  }

  /** admit, by the cache. Answers false when the call was answered from it or waits for an identical one. */
  #admit(): boolean {
    const { deps, options } = this.#engine;
    const admission = admissionOf(this.#call, deps.cache, this);
    this.#call.admission = admission;
    return admission === undefined || admission.enter(options.requestTimeoutMs);
  }

  goOn(): void {
    this.#call.waitedMs += this.#engine.deps.clock.monotonicMs() - this.#call.bodyReadMs;
    this.#ask();
  }

  serveKept(answer: KeptAnswer): void {
    const call = this.#call;
    call.firstByteMs = this.#engine.deps.clock.monotonicMs();
    sendKept(call, this.#engine.frame, answer, answer.ageMs());
  }

  deserted(): void {
    if (this.#isDetached) this.#conclude();
  }

  #ask(): void {
    this.#engine.deps.retryBudget.deposit();
    this.enter();
  }

  /** admit and choose: a place of the node and one of an account, or a place in the queue. Answers whether it went on. */
  enter(): boolean {
    const call = this.#call;
    const { deps, places } = this.#engine;
    if (call.place === undefined && places.isFull) return this.#wait();
    const nowMs = deps.clock.nowMs();
    const chosen = choose(call, pickContext(call, deps, nowMs), deps);
    if (chosen === undefined) return mayWait(call, nowMs) ? this.#wait() : this.#noneLeft(nowMs);
    call.place ??= places.take();
    this.#send(chosen.account, chosen.attempt, nowMs);
    return true;
  }

  #wait(): boolean {
    this.#waitFor().forPlace();
    return false;
  }

  #waitFor(): Waiting {
    return (this.#waiting ??= new Waiting(this.#call, this.#engine.deps, this));
  }

  refuse(fault: unknown): void {
    this.#answerFault(fault);
  }

  /** Answers true: the call has left the queue, if only with an error or to wait for a token. */
  #noneLeft(nowMs: number): boolean {
    const call = this.#call;
    if (call.isCount) this.#estimateTokens();
    else if (this.#renewals.areAwaited) this.#waitFor().forToken(this.#renewals);
    else if (call.lastFault !== undefined) this.#answerFault(call.lastFault);
    else if (call.route !== undefined)
      this.#answerFault(this.#engine.deps.router.explainUnavailable(call.route, nowMs));
    return true;
  }

  #send(account: Account, attempt: Attempt, nowMs: number): void {
    const call = this.#call;
    call.account = account;
    call.attempts++;
    call.tried.push(account);
    call.dropped = [];
    this.#attempt = attempt;
    this.#prepared = undefined;
    this.#sending = undefined;
    try {
      const upstream = account.upstream;
      if (upstream === undefined) throw forwardFaults.internal('an account without an upstream was chosen');
      this.#prepared = prepareFor(call, upstream, this.#engine, nowMs);
      this.#transmit(upstream, this.#prepared.request);
    } catch (error) {
      this.failed(asFault(error));
    }
  }

  #transmit(upstream: Upstream, request: UpstreamRequest): void {
    const call = this.#call;
    keepUsage(call);
    call.firstByteMs = 0;
    this.#renewals.sending(upstream);
    const sending = new Sending(call, this.#engine.deps.clock, this);
    this.#sending = sending;
    this.#writer.sending = sending;
    this.#writer.lastWriteMs = call.bodyReadMs;
    transmit(sending, upstream, request, this.#engine);
  }

  openRelay(status: number, headers: WireHeaders): Relay | undefined {
    if (status === 200) this.#call.admission?.noteHeaders(headers);
    const relay = this.#prepared?.openRelay(this.#writer, status, headers);
    if (relay !== undefined && this.#call.stream) {
      this.#writer.lastWriteMs = this.#call.firstByteMs;
      this.#engine.watch.add(this.#writer);
    }
    return relay;
  }

  readFault(status: number, headers: WireHeaders, body: Buffer): Fault {
    const upstream = this.#call.account?.upstream;
    if (upstream === undefined) return forwardFaults.internal('an account without an upstream answered');
    return upstream.readFault(status, headers, body, this.#renewals.used);
  }

  succeeded(): void {
    const call = this.#call;
    const { deps } = this.#engine;
    call.answeredMs = call.stream ? 0 : deps.clock.monotonicMs();
    const fault = this.#sending?.relay?.fault;
    if (fault !== undefined) this.#endAttempt(fault);
    else this.#attempt?.succeed(deps.clock.nowMs(), call.firstByteMs - call.sentMs);
    this.#attempt = undefined;
    if (call.affinity !== 0 && call.account !== undefined) deps.router.remember(call.affinity, call.account);
    settleAttempt(call, fault?.code ?? 'ok', deps.meter, deps.clock.monotonicMs());
    completeUsage(call, this.#sending?.relay, true);
    this.#giveBack();
    if (this.#isDetached) this.#conclude();
  }

  /** No upstream is needed any more: a client that is slow to read its answer keeps neither place nor body. */
  #giveBack(): void {
    const call = this.#call;
    this.#engine.held.free(call.body.length);
    call.body = noBytes;
    call.place?.release();
    call.place = undefined;
  }

  failed(fault: Fault): void {
    if (!this.#revise(fault)) this.#fail(fault);
  }

  /** Whether the same account may be asked in another way: then `resend` or `giveUp` follows. */
  #revise(fault: Fault): boolean {
    const call = this.#call;
    const upstream = call.account?.upstream;
    if (upstream?.revise === undefined || fault.source === 'node' || fault.retry === 'reused-socket') return false;
    const [attempt, request] = [this.#attempt, this.#prepared?.request];
    if (attempt === undefined || request === undefined || call.committed || call.clientGone) return false;
    this.#revision ??= new Revision(call, this.#engine.deps, this);
    // What was held back of the failed answer is not shown after all, however long the other way is looked for.
    this.#engine.watch.remove(this.#writer);
    return this.#revision.begin({ attempt, upstream, request, fault });
  }

  isOpen(attempt: Attempt): boolean {
    return this.#attempt === attempt;
  }

  giveUp({ fault }: FailedAttempt): void {
    this.#fail(fault);
  }

  /** The account and its attempt go on: the first failure says nothing of them. */
  resend(request: UpstreamRequest, { upstream, fault }: FailedAttempt): void {
    const call = this.#call;
    const nowMs = this.#engine.deps.clock.monotonicMs();
    this.#endSending(fault.code, nowMs);
    call.attempts++;
    call.revisions++;
    if (request.dropped !== undefined) call.dropped = [...new Set([...call.dropped, ...request.dropped])];
    try {
      this.#transmit(upstream, request);
    } catch (error) {
      this.failed(asFault(error));
    }
  }

  #fail(given: Fault): void {
    const call = this.#call;
    const { deps } = this.#engine;
    const fault = this.#renewals.judge(given, call.account);
    if (fault.source === 'node') this.#logDefect(fault);
    this.#endAttempt(fault);
    this.#endSending(fault.code, deps.clock.monotonicMs());
    call.lastFault = fault;
    if (call.clientGone) {
      call.admission?.fail();
      if (this.#isDetached) this.#conclude();
      return;
    }
    if (call.committed) {
      completeUsage(call, this.#sending?.relay, false);
      this.#giveBack();
      this.#writer.failCommitted(fault);
    } else if (isTokenRefused(fault)) this.enter();
    else this.#retryOrAnswer(fault);
  }

  #endSending(outcome: string, nowMs: number): void {
    const { watch, deps } = this.#engine;
    watch.remove(this.#writer);
    this.#sending?.relay?.noteUsage();
    settleAttempt(this.#call, outcome, deps.meter, nowMs);
  }

  /** Counting tokens never feeds the breaker; a client's own error is nobody's failure. */
  #endAttempt(fault: Fault): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    if (this.#call.isCount || fault.source === 'client' || fault.source === 'node') attempt?.abandon();
    else attempt?.fail(this.#engine.deps.clock.nowMs(), fault);
  }

  #retryOrAnswer(fault: Fault): void {
    const call = this.#call;
    const { deps, options } = this.#engine;
    const delayMs = retryDelayMs(call, fault, deps, options);
    if (delayMs === undefined) {
      if (call.isCount && fault.source === 'upstream') this.#estimateTokens();
      else this.#answerFault(fault);
      return;
    }
    // The stale socket was nobody's failure: the same account may be asked again.
    if (fault.retry === 'reused-socket') call.tried.pop();
    if (delayMs === 0) this.enter();
    else this.#waitFor().forTime(delayMs);
  }

  #estimateTokens(): void {
    answerTokenCount(this.#call, this.#engine.frame).catch((error: unknown) => this.#answerFault(error));
  }

  #answerFault(error: unknown): void {
    const call = this.#call;
    const fault = withSoonestReturn(asFault(error), call, this.#engine.deps);
    if (fault.source === 'node' && fault.code === 'internal') this.#logDefect(fault);
    call.lastFault = fault;
    sendFault(call, this.#engine.frame, fault);
    call.admission?.fail();
  }

  #logDefect(fault: Fault): void {
    this.#engine.deps.log.error(fault.message, { request_id: this.#call.id, code: fault.code, error: fault.cause });
  }

  /** The response is closed: sent to its end, or the client went away. Runs exactly once for every call. */
  #closed(): void {
    const call = this.#call;
    if (!call.response.writableFinished) call.clientGone = true;
    else if (!call.request.complete) hangUpLater(call.request, this.#engine.deps.clock);
    this.#isDetached = this.#attempt !== undefined && call.admission?.hasFollowers === true;
    if (!this.#isDetached) this.#conclude();
  }

  /** Nobody waits for the call any more. */
  #conclude(): void {
    const call = this.#call;
    this.#entrance.drop();
    this.#release();
    if (this.#isSettled) return;
    this.#isSettled = true;
    const { deps, held, options } = this.#engine;
    const nowMs = deps.clock.monotonicMs();
    const status = settle(call, deps.meter, held, nowMs);
    accountFor(call, status, options.nodeId, deps, nowMs);
    this.#onSettled(this);
    call.admission?.leave();
  }

  /** Gives back what the call holds of the queue, the account and the upstream. */
  #release(): void {
    this.#waiting?.stop();
    this.#engine.watch.remove(this.#writer);
    if (this.#attempt === undefined) return;
    this.#sending?.abort();
    this.#attempt.abandon();
    this.#attempt = undefined;
    this.#endSending('abandoned', this.#engine.deps.clock.monotonicMs());
    if (this.#sending?.hasGone === true) completeUsage(this.#call, this.#sending.relay, false);
  }
}
