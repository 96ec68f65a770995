import type { Fault } from '../../kit/fault.ts';
import type { AccountHost, AttemptEndings, AttemptFacts, CountedAccount } from './parts.ts';
import type { Standing, Trials } from './standing.ts';
import type { Wake } from './wake.ts';

/** Turns the ending of an attempt into counters, breaker and rest, and tells the observers. */
export class Verdict implements AttemptEndings {
  readonly #account: CountedAccount;
  readonly #host: AccountHost;
  readonly #wake: Wake;

  constructor(account: CountedAccount, host: AccountHost, wake: Wake) {
    this.#account = account;
    this.#host = host;
    this.#wake = wake;
  }

  none(facts: AttemptFacts): void {
    this.#account.standings.whole.releaseTrials(facts.wholeTrials);
    facts.modelStanding?.releaseTrials(facts.modelTrials);
    // The next trial of a long rest comes by time alone.
    if (facts.wholeTrials !== undefined) this.#wake.at(this.#account.standings.whole.resumesAtMs(facts.beganAtMs));
    if (facts.modelTrials !== undefined) this.#wake.at(facts.modelStanding?.resumesAtMs(facts.beganAtMs));
  }

  success(facts: AttemptFacts, nowMs: number, firstByteMs: number): void {
    const account = this.#account;
    account.successCount++;
    account.lastSuccessAtMs = nowMs;
    account.health.succeed(firstByteMs);
    account.standings.noteServed(facts.model);
    this.#credit(account.standings.whole, undefined, facts.wholeTrials, nowMs);
    const ofModel = account.standings.find(facts.model);
    if (ofModel !== undefined) {
      // A standing made anew since this attempt began knows nothing of its trial.
      const trials = ofModel === facts.modelStanding ? facts.modelTrials : undefined;
      this.#credit(ofModel, facts.model, trials, nowMs);
      account.standings.tidy(facts.model);
    }
  }

  failure(facts: AttemptFacts, nowMs: number, fault: Fault): void {
    // The client's own mistake, whatever the fault says of penalties.
    if (fault.source === 'client') return this.none(facts);
    const account = this.#account;
    account.errorCount++;
    if (fault.code === 'upstream_model_not_found') account.standings.noteLacking(facts.model, nowMs);
    if (fault.penalty === 'breaker') this.#breakerFailure(facts, nowMs, fault);
    else if (fault.penalty === 'rest') this.#rest(facts, nowMs, fault);
    else if (fault.penalty === 'disable') this.#disable(facts, fault);
    else this.none(facts);
  }

  #breakerFailure(facts: AttemptFacts, nowMs: number, fault: Fault): void {
    this.#account.health.fail();
    const { standing, trials, model } = this.#blamed(facts, fault);
    const hasOpened = standing.breaker.fail(nowMs, trials?.ofBreaker ?? false);
    this.none(facts);
    this.#wake.at(standing.resumesAtMs(nowMs));
    if (!hasOpened) return;
    const notice = {
      account: this.#account,
      model,
      nowMs,
      untilMs: standing.breaker.untilMs ?? nowMs,
      origin: 'own',
      fault,
    } as const;
    for (const observer of this.#host.observers) observer.breakerOpened?.(notice);
  }

  #rest(facts: AttemptFacts, nowMs: number, fault: Fault): void {
    const { standing, trials, model } = this.#blamed(facts, fault);
    standing.rest.start(nowMs, fault.retryAfterMs, facts.beganAtMs, trials?.ofRest ?? false);
    this.none(facts);
    this.#wake.at(standing.resumesAtMs(nowMs));
    const untilMs = standing.rest.endsAtMs(nowMs) ?? nowMs;
    const notice = { account: this.#account, model, nowMs, untilMs, origin: 'own' } as const;
    for (const observer of this.#host.observers) observer.restStarted?.(notice);
  }

  /** Always the whole account: no upstream suspends a model. */
  #disable(facts: AttemptFacts, fault: Fault): void {
    this.none(facts);
    if (!this.#account.disableFor(fault, facts.beganAtMs)) return;
    for (const observer of this.#host.observers) observer.accountDisabled?.(this.#account, fault);
  }

  /** What the penalty falls on: the model alone where the fault says so, else the account. */
  #blamed(
    facts: AttemptFacts,
    fault: Fault,
  ): { standing: Standing; trials: Trials | undefined; model: string | undefined } {
    const { standings } = this.#account;
    if (fault.scope !== 'model') return { standing: standings.whole, trials: facts.wholeTrials, model: undefined };
    const standing = standings.of(facts.model);
    const trials = standing === facts.modelStanding ? facts.modelTrials : undefined;
    return { standing, trials, model: facts.model };
  }

  #credit(standing: Standing, model: string | undefined, trials: Trials | undefined, nowMs: number): void {
    const hasClosed = standing.breaker.succeed(nowMs, trials?.ofBreaker ?? false);
    const hasWoken = standing.rest.succeed(nowMs, trials?.ofRest ?? false);
    if (!hasClosed && !hasWoken) return;
    const notice = { account: this.#account, model, nowMs, origin: 'own' } as const;
    for (const observer of this.#host.observers) {
      if (hasClosed) observer.breakerClosed?.(notice);
      if (hasWoken) observer.restEnded?.(notice);
    }
  }
}
