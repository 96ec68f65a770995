import { z } from 'zod';
import type { Price } from '../../usage/contract.ts';
import type { ManagementDependencies } from '../dependencies.ts';
import { defineRoute, type Route } from '../define-route.ts';
import { isoOf } from '../moment.ts';
import { plainText } from '../plain-text.ts';
import { nextCursorSchema } from './account-view.ts';

const tag = 'usage';
const modelParams = z.strictObject({ model: plainText(256).describe('name, slashes included') });

// The bounds are those of `prices:` in the configuration.
const amount = (what: string) => z.number().min(0).max(1_000_000).optional().describe(`of ${what}, for \`per\` tokens`);
const kinds = ['prompt', 'completion', 'cache_read', 'cache_write'] as const;

const bodySchema = z
  .strictObject({
    prompt: amount('prompt tokens that came from no cache'),
    completion: amount('completion tokens'),
    cache_read: amount('prompt tokens read from the cache of the provider'),
    cache_write: amount('prompt tokens written to the cache of the provider'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be three capital letters such as USD')
      .default('USD')
      .describe('ISO 4217'),
    per: z.number().int().min(1).max(1_000_000_000).default(1_000_000).describe('tokens that the prices are for'),
  })
  .refine((price) => kinds.some((kind) => price[kind] !== undefined), `give at least one of ${kinds.join(', ')}`);

const number = z.number().nullable();

const priceSchema = z.strictObject({
  model: z.string(),
  prompt: number,
  completion: number,
  cache_read: number,
  cache_write: number,
  currency: z.string(),
  per: z.number(),
  version: z.number().describe('rises with every change; 0: as configured'),
  origin: z.enum(['configuration', 'changed']),
  changed_at: z.string().nullable().describe('ISO 8601'),
  changed_by: z.string().nullable().describe('id of the key or user'),
});

type PriceDependencies = Pick<ManagementDependencies, 'prices'>;

/** What tokens cost: the configuration's prices, and over them those that were set while the mesh runs. */
export function priceRoutes(dependencies: PriceDependencies): Route[] {
  return [list(dependencies), show(dependencies), put(dependencies), remove(dependencies)];
}

function list({ prices }: PriceDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/prices',
    permission: 'stats:read',
    tag,
    summary: 'The prices that hold',
    response: z.strictObject({ prices: z.array(priceSchema), next_cursor: nextCursorSchema }),
    handler: () => ({ prices: prices.list().map(viewOf), next_cursor: null }),
  });
}

function show({ prices }: PriceDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/prices/{model+}',
    permission: 'stats:read',
    tag,
    summary: 'The price of a model with all its versions',
    params: modelParams,
    response: z.strictObject({
      model: z.string(),
      price: priceSchema.nullable().describe('the one that holds; null: removed'),
      history: z.array(priceSchema).describe('the newest first'),
    }),
    handler({ params: { model } }) {
      const history = prices.history(model).map(viewOf);
      const holding = prices.list().find((price) => price.model === model);
      return { model, price: holding === undefined ? null : viewOf(holding), history };
    },
  });
}

function put({ prices }: PriceDependencies): Route {
  return defineRoute({
    method: 'PUT',
    path: '/prices/{model+}',
    permission: 'keys:write',
    tag,
    summary: 'Sets the price of a model from the next request on; what was used before keeps its cost',
    params: modelParams,
    body: bodySchema,
    response: priceSchema,
    async handler({ params, body, caller }) {
      const { prompt, completion, cache_read: cacheRead, cache_write: cacheWrite, currency, per } = body;
      const price = { prompt, completion, cacheRead, cacheWrite, currency, per };
      return viewOf(await prices.put(params.model, price, caller?.id));
    },
  });
}

function remove({ prices }: PriceDependencies): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/prices/{model+}',
    permission: 'keys:write',
    tag,
    summary: "Takes a price that was set away: back to the configuration's, or to none",
    status: 204,
    params: modelParams,
    handler: ({ params, caller }) => prices.remove(params.model, caller?.id),
  });
}

function viewOf(price: Price): z.infer<typeof priceSchema> {
  return {
    model: price.model,
    prompt: price.prompt ?? null,
    completion: price.completion ?? null,
    cache_read: price.cacheRead ?? null,
    cache_write: price.cacheWrite ?? null,
    currency: price.currency,
    per: price.per,
    version: price.version,
    origin: price.origin,
    changed_at: isoOf(price.changedAtMs),
    changed_by: price.changedBy ?? null,
  };
}
