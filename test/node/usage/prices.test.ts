import { beforeEach, describe, expect, it } from 'vitest';
import { isFault } from '../../../kit/fault.ts';
import type { NewPrice } from '../../../node/usage/contract.ts';
import { changedModelsMax, modelNameLengthMax, priceVersionsMax } from '../../../node/usage/price-record.ts';
import { Prices } from '../../../node/usage/prices.ts';
import { pricesSettings } from '../../../node/usage/settings.ts';
import { meshOf, type StateMesh } from '../../cluster/state-mesh/state-mesh.ts';

const usage = { inputTotal: 1_000, outputTotal: 100 };

let mesh: StateMesh;
let prices: Prices;
let others: Prices;

beforeEach(() => {
  mesh = meshOf(2);
  prices = pricesOf('n1');
  others = pricesOf('n2', {});
});

function pricesOf(node: string, configured: unknown = { 'gpt-4o': { prompt: 2.5, completion: 10 } }): Prices {
  const { records, clock } = mesh.node(node);
  return new Prices({ records, clock, configured: pricesSettings.parse(configured) });
}

function price(prompt: number, rest: Partial<NewPrice> = {}): NewPrice {
  const none = { completion: undefined, cacheRead: undefined, cacheWrite: undefined };
  return { prompt, ...none, currency: 'USD', per: 1_000_000, ...rest };
}

/** Time passes until it is settled. */
async function settled<T>(change: Promise<T>): Promise<T> {
  mesh.advance(2_000);
  return change;
}

function codeOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return isFault(error) ? error.code : error;
  }
  return undefined;
}

async function codeOfChange(change: Promise<unknown>): Promise<unknown> {
  const outcome = settled(change).then(
    () => undefined,
    (error: unknown) => (isFault(error) ? error.code : error),
  );
  return outcome;
}

describe('the cost of a request', () => {
  it('is that of the model served, else of the one asked for', () => {
    expect(prices.costOf('gpt-4o', 'best', usage)).toEqual({ nano: 3_500_000, currency: 'USD' });
    expect(prices.costOf('gpt-4o-2024', 'gpt-4o', usage)).toEqual({ nano: 3_500_000, currency: 'USD' });
    expect(prices.costOf('gpt-4o-2024', 'best', usage)).toBeUndefined();
    expect(prices.costOf('GPT-4O', 'gpt-4', usage)).toBeUndefined();
  });

  it('is that of a provider where its model has a price of its own', () => {
    const book = pricesOf('n1', { m: { prompt: 1 }, 'oci/m': { prompt: 2 }, 'meta/llama': { prompt: 3 } });
    const nano = (served: string, asked: string, provider?: string) =>
      book.costOf(served, asked, { inputTotal: 1 }, provider)?.nano;
    expect(nano('m', 'm', 'oci')).toBe(2_000);
    expect(nano('m', 'm', 'qwen-api')).toBe(1_000);
    expect(nano('m', 'm')).toBe(1_000);
    expect(nano('x', 'oci/m')).toBe(2_000);
    expect(nano('meta/llama', 'x', 'oci')).toBe(3_000);
  });

  it('takes the kinds apart, and what is not known for nothing', () => {
    const book = pricesOf('n1', { m: { prompt: 1, completion: 2, cache_read: 0.1, cache_write: 1.25 } });
    const nano = (counts: object) => book.costOf('m', 'm', counts)?.nano;
    expect(nano({ inputTotal: 1_000, cacheRead: 600, cacheWrite: 100, outputTotal: 10 })).toBe(
      300_000 + 60_000 + 125_000 + 20_000,
    );
    expect(nano({ outputTotal: 10 })).toBe(20_000);
    expect(nano({ cacheRead: 10 })).toBe(1_000);
    expect(nano({ inputTotal: 5, cacheRead: 10 })).toBe(1_000);
    expect(nano({})).toBeUndefined();
    expect(nano({ inputTotal: -1, outputTotal: 1.5 })).toBeUndefined();
  });

  it('is not known for a price without numbers', () => {
    expect(pricesOf('n1', { m: { currency: 'EUR' } }).costOf('m', 'm', usage)).toBeUndefined();
  });

  it('follows the configuration when that is read again', () => {
    prices.reconfigure(pricesSettings.parse({ other: { prompt: 1, currency: 'EUR' } }));
    expect(prices.costOf('gpt-4o', 'gpt-4o', usage)).toBeUndefined();
    expect(prices.costOf('other', 'other', usage)).toEqual({ nano: 1_000_000, currency: 'EUR' });
  });
});

describe('a price that is changed', () => {
  it('holds at every member, over the configuration, and back again when it is removed', async () => {
    await settled(prices.put('gpt-4o', price(5), 'root'));
    expect(prices.costOf('gpt-4o', 'x', usage)?.nano).toBe(5_000_000);
    expect(others.costOf('gpt-4o', 'x', usage)?.nano).toBe(5_000_000);
    await settled(others.remove('gpt-4o'));
    expect(prices.costOf('gpt-4o', 'x', usage)?.nano).toBe(3_500_000);
    expect(others.costOf('gpt-4o', 'x', usage)).toBeUndefined();
  });

  it('is listed with where it comes from', async () => {
    await settled(prices.put('b', price(1)));
    expect(prices.list().map(({ model, origin, version }) => [model, origin, version])).toEqual([
      ['b', 'changed', 1],
      ['gpt-4o', 'configuration', 0],
    ]);
  });

  it('keeps its versions, who made them and when, also over a removal', async () => {
    const first = await settled(prices.put('gpt-4o', price(5), 'root'));
    expect(first).toMatchObject({ version: 1, origin: 'changed', changedBy: 'root' });
    await settled(others.put('gpt-4o', price(6)));
    await settled(prices.remove('gpt-4o', 'root'));
    const last = await settled(prices.put('gpt-4o', price(7)));
    expect(last.version).toBe(4);
    expect(prices.history('gpt-4o').map((each) => [each.version, each.prompt])).toEqual([
      [4, 7],
      [2, 6],
      [1, 5],
      [0, 2.5],
    ]);
    expect(others.history('gpt-4o')[2]).toEqual(first);
  });

  it('keeps a bounded number of them', async () => {
    for (let index = 1; index <= priceVersionsMax + 5; index++) await settled(others.put('m', price(index)));
    const history = others.history('m');
    expect(history).toHaveLength(priceVersionsMax);
    expect(history[0]?.version).toBe(priceVersionsMax + 5);
  });

  it('is there after a restart', async () => {
    await settled(prices.put('m', price(5)));
    const { store } = mesh.node('n1');
    mesh.kill('n1');
    mesh.start('n1', { store });
    expect(pricesOf('n1').costOf('m', 'm', usage)?.nano).toBe(5_000_000);
  });

  it('is refused where it is none', async () => {
    const refused: [string, NewPrice][] = [
      ['', price(1)],
      ['x'.repeat(modelNameLengthMax + 1), price(1)],
      ['m', price(-1)],
      ['m', price(Number.NaN)],
      ['m', price(1, { currency: 'dollars' })],
      ['m', price(1, { per: 0 })],
      ['m', { ...price(1), prompt: undefined }],
    ];
    for (const [model, bad] of refused) expect(await codeOfChange(prices.put(model, bad))).toBe('price_refused');
    expect(prices.list()).toHaveLength(1);
  });

  it('is not found where nobody changed it', async () => {
    expect(codeOf(() => prices.history('unknown'))).toBe('price_not_found');
    expect(await codeOfChange(prices.remove('gpt-4o'))).toBe('price_not_found');
    await settled(prices.put('m', price(1)));
    await settled(prices.remove('m'));
    expect(await codeOfChange(prices.remove('m'))).toBe('price_not_found');
  });

  it('is passed over where it cannot be read', () => {
    const { records } = mesh.node('n1');
    const bad = [null, 5, { version: 1 }, { version: 1, is_removed: false, versions: [] }, 'x'];
    for (const [index, payload] of bad.entries()) records.put('prices', `m${index}`, payload);
    records.put('prices', 'gpt-4o', { version: 1, is_removed: false, versions: [{ prompt: 1 }] });
    expect(prices.list().map(({ model, version }) => [model, version])).toEqual([['gpt-4o', 0]]);
    expect(prices.costOf('gpt-4o', 'x', usage)?.nano).toBe(3_500_000);
  });

  it('takes the room of one that was removed, and is refused where there is none', async () => {
    const { records } = mesh.node('n1');
    await settled(prices.put('removed', price(1)));
    await settled(prices.remove('removed'));
    const payload = records.get('prices', 'removed')?.payload;
    for (let index = 1; index < changedModelsMax; index++) {
      records.put('prices', `m${index}`, { ...(payload as object), is_removed: false });
    }
    await settled(prices.put('new', price(1)));
    expect(records.get('prices', 'removed')).toBeUndefined();
    expect(await codeOfChange(prices.put('newer', price(1)))).toBe('prices_full');
    expect(await codeOfChange(prices.put('new', price(2)))).toBeUndefined();
  });
});
