import { BoundedLabels, otherLabel } from './bounded-labels.ts';
import { trafficKinds, type TokenUsage, type TrafficKind, type TrafficMeter } from './contract.ts';
import { accountBoundsMs, DurationHistogram } from './duration-histogram.ts';
import { accountLabelsMax, modelLabelsMax, outcomeLabelsMax } from './names.ts';
import { ProviderMeter } from './provider-meter.ts';
import { RequestMeter } from './request-meter.ts';
import { TallyMap } from './tally-map.ts';

/** Providers told apart; the product has seven. */
const providersMax = 15;

/**
 * Counts the data plane's work in plain numbers. Nothing here knows Prometheus: `traffic-metrics.ts` reads these
 * numbers when somebody scrapes.
 */
export class Traffic implements TrafficMeter {
  active = 0;
  readonly #requests = new Map(trafficKinds.map((kind) => [kind, new RequestMeter()]));
  readonly #providers = new Map<string, ProviderMeter>();
  readonly #models = new BoundedLabels(modelLabelsMax);
  readonly #accounts = new BoundedLabels(accountLabelsMax);
  readonly #outcomes = new BoundedLabels(outcomeLabelsMax);
  readonly #byAccount = new TallyMap();
  /** One per account, 160 bytes each; shown only where an account's users had such a metric. */
  readonly #durations = new Map<string, DurationHistogram>();

  request(kind: TrafficKind, status: number, durationMs: number, ttftMs: number, overheadMs: number): void {
    this.#requests.get(kind)?.record(status, durationMs, ttftMs, overheadMs);
  }

  attempt(accountId: string, providerId: string, model: string, outcome: string, durationMs: number): void {
    // Clients choose model names, and an account may take any: only a name that an upstream has served becomes a
    // label, so that a client's nonsense cannot use the labels up.
    const label = outcome === 'ok' ? this.#models.admit(model) : this.#models.recall(model);
    this.#provider(providerId).attempt(label, outcome, durationMs);
    const account = this.#accounts.admit(accountId);
    this.#byAccount.at(account, this.#outcomes.admit(outcome)).count++;
    this.#durationOf(account).observe(durationMs);
  }

  tokens(providerId: string, model: string, usage: TokenUsage): void {
    this.#provider(providerId).tokens(this.#models.admit(model), usage);
  }

  /** For readers at scrape time. */
  get requestMeters(): ReadonlyMap<TrafficKind, RequestMeter> {
    return this.#requests;
  }

  get providerMeters(): ReadonlyMap<string, ProviderMeter> {
    return this.#providers;
  }

  /** [account id, outcome, count] */
  outcomesByAccount(): Iterable<[string, string, number]> {
    return this.#byAccount.entries();
  }

  /** How long tries at an account took; undefined before the first. */
  durationOf(accountId: string): DurationHistogram | undefined {
    return this.#durations.get(accountId);
  }

  #durationOf(account: string): DurationHistogram {
    const known = this.#durations.get(account);
    if (known !== undefined) return known;
    const histogram = new DurationHistogram(accountBoundsMs);
    this.#durations.set(account, histogram);
    return histogram;
  }

  #provider(id: string): ProviderMeter {
    const known = this.#providers.get(id);
    if (known !== undefined) return known;
    const key = this.#providers.size < providersMax ? id : otherLabel;
    const meter = this.#providers.get(key) ?? new ProviderMeter();
    this.#providers.set(key, meter);
    return meter;
  }
}
