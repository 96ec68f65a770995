import type { Mesh } from '../../cluster/contract.ts';
import type { ReplicatedRecord } from '../../cluster/replicated/contract.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Usage } from '../conversation/contract.ts';
import type { Cost, NewPrice, Price, PriceBook, PriceDesk } from './contract.ts';
import { usageFaults } from './faults.ts';
import {
  changedModelsMax,
  modelNameLengthMax,
  readPriceRecord,
  withoutPrice,
  withVersion,
  type PriceRecord,
} from './price-record.ts';
import { PriceTable } from './price-table.ts';
import { priceSettings, type PricesSettings } from './settings.ts';

const table = 'prices';

/** A change is answered once every live member has it and this node's disk too, or after this time. */
const confirmMs = 1000;

export interface PricesParts {
  readonly records: Pick<Mesh['records'], 'put' | 'remove' | 'get' | 'list' | 'watch' | 'confirm'>;
  readonly clock: Clock;
  readonly configured: PricesSettings;
}

/**
 * The price table: what people wrote in the configuration, and over it what was changed at run time at whichever
 * member. Of two changes of one model at the same moment the later stays, with its history.
 */
export class Prices implements PriceBook, PriceDesk {
  readonly #parts: PricesParts;
  readonly #table = new PriceTable();
  /** Changed at run time and not taken back. */
  readonly #changed = new Map<string, Price>();
  #configured: ReadonlyMap<string, Price>;

  constructor(parts: PricesParts) {
    this.#parts = parts;
    this.#configured = configuredPrices(parts.configured);
    for (const price of this.#configured.values()) this.#table.set(price);
    for (const record of parts.records.list(table)) this.#heard(record);
    parts.records.watch(table, (record) => this.#heard(record));
  }

  /** Takes over settings that were read again. */
  reconfigure(settings: PricesSettings): void {
    const before = this.#configured;
    this.#configured = configuredPrices(settings);
    for (const model of new Set([...before.keys(), ...this.#configured.keys()])) this.#show(model);
  }

  costOf(modelServed: string, modelRequested: string, usage: Usage, provider?: string): Cost | undefined {
    return this.#table.costOf(modelServed, modelRequested, usage, provider);
  }

  list(): readonly Price[] {
    return [...new Map([...this.#configured, ...this.#changed]).values()].toSorted(byModel);
  }

  history(model: string): readonly Price[] {
    const changed = this.#record(model)?.versions ?? [];
    const configured = this.#configured.get(model);
    const all = configured === undefined ? [...changed] : [...changed, configured];
    if (all.length === 0) throw notFound(model);
    return all;
  }

  async put(model: string, price: NewPrice, by?: string): Promise<Price> {
    const before = this.#record(model);
    const made: Price = {
      ...checked(model, price),
      version: (before?.version ?? 0) + 1,
      origin: 'changed',
      changedAtMs: Math.floor(this.#parts.clock.nowMs()),
      changedBy: by,
    };
    if (before === undefined) this.#makeRoom();
    await this.#confirmed(this.#parts.records.put(table, model, withVersion(before, made)));
    return made;
  }

  async remove(model: string, by?: string): Promise<void> {
    const before = this.#record(model);
    if (before === undefined || before.isRemoved) throw notFound(model);
    await this.#confirmed(this.#parts.records.put(table, model, withoutPrice(before, by)));
  }

  #heard({ id, payload, isDeleted }: ReplicatedRecord): void {
    const record = isDeleted ? undefined : readPriceRecord(id, payload);
    const price = record?.versions[0];
    if (record?.isRemoved === false && price !== undefined) this.#changed.set(id, price);
    else this.#changed.delete(id);
    this.#show(id);
  }

  #show(model: string): void {
    const price = this.#changed.get(model) ?? this.#configured.get(model);
    if (price === undefined) this.#table.delete(model);
    else this.#table.set(price);
  }

  #record(model: string): PriceRecord | undefined {
    return readPriceRecord(model, this.#parts.records.get(table, model)?.payload);
  }

  /** Histories of prices that were taken back go first, the oldest of them. */
  #makeRoom(): void {
    const all = [...this.#parts.records.list(table)];
    if (all.length < changedModelsMax) return;
    const removed = all
      .filter(({ id, payload }) => readPriceRecord(id, payload)?.isRemoved === true)
      .toSorted((left, right) => left.stamp.major - right.stamp.major);
    const [oldest] = removed;
    if (oldest === undefined) throw usageFaults.prices_full(`${changedModelsMax} models have changed prices`);
    this.#parts.records.remove(table, oldest.id);
  }

  #confirmed(record: ReplicatedRecord): Promise<void> {
    return new Promise((resolve) => this.#parts.records.confirm(record, confirmMs, () => resolve()));
  }
}

function configuredPrices(settings: PricesSettings): Map<string, Price> {
  const prices = Object.entries(settings).map(([model, price]): [string, Price] => [
    model,
    {
      model,
      prompt: price.prompt,
      completion: price.completion,
      cacheRead: price.cache_read,
      cacheWrite: price.cache_write,
      currency: price.currency,
      per: price.per,
      version: 0,
      origin: 'configuration',
      changedAtMs: undefined,
      changedBy: undefined,
    },
  ]);
  return new Map(prices);
}

/** The same rules as for the configuration, so that no member is given what it could not read. */
function checked(model: string, price: NewPrice): Pick<Price, 'model' | keyof NewPrice> {
  if (model === '' || model.length > modelNameLengthMax) {
    throw usageFaults.price_refused(`a model name has 1 to ${modelNameLengthMax} characters`, { field: 'model' });
  }
  const { cacheRead, cacheWrite, ...same } = price;
  const parsed = priceSettings.safeParse({ ...same, cache_read: cacheRead, cache_write: cacheWrite });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.') ?? '';
    throw usageFaults.price_refused(`${field}: allowed is ${issue?.message ?? 'a price'}`, { field });
  }
  const { prompt, completion, cache_read, cache_write, currency, per } = parsed.data;
  const numbers = [prompt, completion, cache_read, cache_write];
  if (numbers.every((each) => each === undefined)) throw usageFaults.price_refused('a price needs a number');
  return { model, prompt, completion, cacheRead: cache_read, cacheWrite: cache_write, currency, per };
}

function notFound(model: string): Error {
  return usageFaults.price_not_found(`no price is known for ${model.slice(0, modelNameLengthMax)}`);
}

function byModel(left: Price, right: Price): number {
  return left.model < right.model ? -1 : 1;
}
