import type { Usage } from '../conversation/contract.ts';
import type { Cost, Price, PriceBook } from './contract.ts';
import { ExactPrice } from './exact-price.ts';
import { tokenCounts } from './token-counts.ts';

interface PreparedPrice {
  readonly price: ExactPrice;
  readonly currency: string;
}

/**
 * Prices by model, ready for the hot path. A name is found as it stands: first what is written for a provider's model
 * (`provider/model`), then what is written for the model; the model that was served before the one that was asked for.
 */
export class PriceTable implements PriceBook {
  readonly #prices = new Map<string, PreparedPrice>();
  /** By provider, then by model: the names that have a slash, in case they mean this. */
  readonly #byProvider = new Map<string, Map<string, PreparedPrice>>();

  /** Takes the place of what was there for the model. One that names a currency alone is no price. */
  set(price: Price): void {
    if (!hasNumbers(price)) return this.delete(price.model);
    const prepared = { price: new ExactPrice(price), currency: price.currency };
    this.#prices.set(price.model, prepared);
    const named = providersModel(price.model);
    if (named === undefined) return;
    const models = this.#byProvider.get(named.provider) ?? new Map<string, PreparedPrice>();
    this.#byProvider.set(named.provider, models);
    models.set(named.model, prepared);
  }

  delete(model: string): void {
    this.#prices.delete(model);
    const named = providersModel(model);
    if (named === undefined) return;
    const models = this.#byProvider.get(named.provider);
    models?.delete(named.model);
    if (models?.size === 0) this.#byProvider.delete(named.provider);
  }

  costOf(modelServed: string, modelRequested: string, usage: Usage, provider?: string): Cost | undefined {
    const own = provider === undefined ? undefined : this.#byProvider.get(provider);
    const found =
      own?.get(modelServed) ??
      this.#prices.get(modelServed) ??
      own?.get(modelRequested) ??
      this.#prices.get(modelRequested);
    if (found === undefined) return undefined;
    const counts = tokenCounts(usage);
    const isCounted =
      counts.prompt !== undefined ||
      counts.completion !== undefined ||
      counts.cacheRead !== undefined ||
      counts.cacheWrite !== undefined;
    return isCounted ? { nano: found.price.costNano(counts), currency: found.currency } : undefined;
  }
}

function hasNumbers({ prompt, completion, cacheRead, cacheWrite }: Price): boolean {
  return [prompt, completion, cacheRead, cacheWrite].some((each) => each !== undefined);
}

function providersModel(name: string): { provider: string; model: string } | undefined {
  const end = name.indexOf('/');
  return end <= 0 ? undefined : { provider: name.slice(0, end), model: name.slice(end + 1) };
}
