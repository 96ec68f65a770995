import type { Fault } from '../../kit/fault.ts';
import type { ProviderId, Upstream } from '../providers/contract.ts';
import { CountedAttempt } from './attempt.ts';
import type { Attempt, BreakerState, RemoteLoad } from './contract.ts';
import type { AccountEntry, AccountPatch } from './definition.ts';
import { Health } from './health.ts';
import type { AccountHost, CountedAccount } from './parts.ts';
import type { Standing } from './standing.ts';
import { Standings } from './standings.ts';
import { Verdict } from './verdict.ts';
import { Wake } from './wake.ts';

const neverDisabled: ReadonlyMap<string, number> = new Map();

/** S0's default. */
const defaultWeight = 10;

/** An account of this node: its counters, its standing, and the attempts that are under way. */
export class PooledAccount implements CountedAccount {
  readonly id: string;
  readonly provider: ProviderId;
  readonly remote: RemoteLoad = { inFlight: 0, served: 0 };
  readonly standings: Standings;
  readonly health = new Health();
  readonly #host: AccountHost;
  readonly verdict: Verdict;
  readonly #wake: Wake;
  #group: string;
  #weight: number;
  #maxConcurrency: number;
  #enabled: boolean;
  #models: ReadonlySet<string> | undefined;
  #acceptsUnknownModels: boolean;
  #upstream: Upstream | undefined;
  #unavailableReason: string | undefined;
  #disabledReason: string | undefined;
  /** Wall ms of the latest enabling or change of the upstream: what was asked before says nothing any more. */
  #renewedAtMs = 0;
  #disables: Map<string, number> | undefined;
  #inFlight = 0;
  requestCount = 0;
  successCount = 0;
  errorCount = 0;
  lastUsedAtMs: number | undefined;
  lastSuccessAtMs: number | undefined;
  /** Checks that failed in a row; set by `AccountDirectory.recordCheck`. */
  failedChecks = 0;

  constructor(entry: AccountEntry, host: AccountHost) {
    const { definition } = entry;
    this.id = definition.id;
    this.provider = definition.provider;
    this.#group = definition.group ?? 'default';
    this.#weight = definition.weight ?? defaultWeight;
    this.#maxConcurrency = definition.maxConcurrency ?? Infinity;
    this.#enabled = definition.enabled ?? true;
    this.#models = definition.models === undefined ? undefined : new Set(definition.models);
    this.#acceptsUnknownModels = definition.acceptsUnknownModels ?? false;
    this.#upstream = entry.upstream;
    this.#unavailableReason = entry.unavailableReason;
    this.#disabledReason = entry.disabledReason;
    this.#host = host;
    this.standings = new Standings(host.breaker, host.rest);
    this.#wake = new Wake(
      host.clock,
      (nowMs) => this.standings.resumesAtMs(nowMs),
      () => host.freed(this),
    );
    this.verdict = new Verdict(this, host, this.#wake);
  }

  get group(): string {
    return this.#group;
  }

  get models(): ReadonlySet<string> | undefined {
    return this.#models;
  }

  get acceptsUnknownModels(): boolean {
    return this.#acceptsUnknownModels;
  }

  get upstream(): Upstream | undefined {
    return this.#upstream;
  }

  get unavailableReason(): string | undefined {
    return this.#disabledReason ?? this.#unavailableReason;
  }

  get disabledReason(): string | undefined {
    return this.#disabledReason;
  }

  /** How often its upstream's word took it out of service here, by the fault's code. */
  get disables(): ReadonlyMap<string, number> {
    return this.#disables ?? neverDisabled;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get latencyEwmaMs(): number {
    return this.health.latencyMs;
  }

  get healthScore(): number {
    return this.health.score;
  }

  get weight(): number {
    return this.#weight;
  }

  set weight(weight: number) {
    this.patch({ weight });
  }

  get maxConcurrency(): number {
    return this.#maxConcurrency;
  }

  set maxConcurrency(maxConcurrency: number) {
    this.patch({ maxConcurrency });
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  set enabled(enabled: boolean) {
    this.patch({ enabled });
  }

  breakerState(nowMs: number, model?: string): BreakerState {
    const whole = this.standings.whole.breaker.state(nowMs);
    return whole === 'closed' ? (this.standings.find(model)?.breaker.state(nowMs) ?? 'closed') : whole;
  }

  restsUntilMs(nowMs: number, model?: string): number | undefined {
    const whole = this.standings.whole.rest.endsAtMs(nowMs);
    const ofModel = this.standings.find(model)?.rest.endsAtMs(nowMs);
    if (whole === undefined || ofModel === undefined) return whole ?? ofModel;
    return Math.max(whole, ofModel);
  }

  canServe(nowMs: number, model: string): boolean {
    return this.#inFlight < this.#maxConcurrency && this.couldServe(nowMs, model);
  }

  couldServe(nowMs: number, model: string): boolean {
    if (!this.#enabled || this.#upstream === undefined || this.#upstream.token?.isUsable === false) return false;
    if (!this.#isOpenTo(this.standings.whole, nowMs)) return false;
    const ofModel = this.standings.find(model);
    if (ofModel !== undefined && !this.#isOpenTo(ofModel, nowMs)) return false;
    return !this.standings.lacks(model, nowMs);
  }

  /** True while the upstream's word that it does not have this model is fresh. */
  lacks(nowMs: number, model: string): boolean {
    return this.standings.lacks(model, nowMs);
  }

  begin(nowMs: number, model: string): Attempt | undefined {
    if (!this.canServe(nowMs, model)) return undefined;
    this.#inFlight++;
    this.requestCount++;
    this.lastUsedAtMs = nowMs;
    this.#host.began(this);
    const ofModel = this.standings.find(model);
    return new CountedAttempt(this, {
      model,
      beganAtMs: nowMs,
      wholeTrials: this.standings.whole.takeTrials(nowMs),
      modelStanding: ofModel,
      modelTrials: ofModel?.takeTrials(nowMs),
    });
  }

  /** For `CountedAttempt` alone: its place is free, and what its ending means has been noted. */
  giveBack(): void {
    this.#inFlight--;
    this.#host.freed(this);
  }

  /** Applies a change and tells the directory, which raises its version. */
  patch(patch: AccountPatch): void {
    this.#group = patch.group ?? this.#group;
    this.#weight = patch.weight ?? this.#weight;
    this.#maxConcurrency = patch.maxConcurrency ?? this.#maxConcurrency;
    this.#enabled = patch.enabled ?? this.#enabled;
    this.#acceptsUnknownModels = patch.acceptsUnknownModels ?? this.#acceptsUnknownModels;
    if (patch.disabledReason !== undefined) this.#disabledReason = patch.disabledReason ?? undefined;
    if (this.#enabled) this.#disabledReason = undefined;
    if (patch.enabled === true || patch.upstream !== undefined) this.#renewedAtMs = this.#host.clock.nowMs();
    if (patch.models !== undefined) this.#models = patch.models === null ? undefined : new Set(patch.models);
    if (patch.upstream !== undefined) this.#upstream = patch.upstream ?? undefined;
    if (patch.unavailableReason !== undefined) this.#unavailableReason = patch.unavailableReason ?? undefined;
    this.#host.revised(this);
  }

  /**
   * Takes it out of service until a person has looked at it. False when nothing changed: it is out already, or the
   * request began before the account was enabled or given another credential.
   */
  disableFor({ code, message }: Fault, beganAtMs: number): boolean {
    if (!this.#enabled || beganAtMs < this.#renewedAtMs) return false;
    this.#disables ??= new Map();
    this.#disables.set(code, (this.#disables.get(code) ?? 0) + 1);
    this.patch({ enabled: false, disabledReason: message });
    return true;
  }

  /** Plans the moment at which time alone lets requests pass again. */
  planWake(): void {
    this.#wake.at(this.standings.resumesAtMs(this.#host.clock.nowMs()));
  }

  /** It may serve again by another's word (the mesh): strategies and the waiting room look again. */
  announce(): void {
    this.#host.freed(this);
  }

  /** Its numbers changed by another's word: strategies look again. No place came free. */
  reorder(): void {
    this.#host.touched(this);
  }

  stop(): void {
    this.#wake.stop();
  }

  #isOpenTo(standing: Standing, nowMs: number): boolean {
    if (!standing.allows(nowMs)) return false;
    // A breaker that allows and is not closed is half-open: its trial may be another node's to make.
    const { untilMs } = standing.breaker;
    return untilMs === undefined || this.#host.mayTry(this.id, untilMs);
  }
}
