import { z } from 'zod';
import type { KeyPolicy, Principal } from '../../auth/contract.ts';
import type { ModelListing } from '../dependencies.ts';
import { defineRoute, type Route } from '../define-route.ts';
import { httpFaults } from '../faults.ts';
import type { FreshModels } from '../model-refresh.ts';
import { modelsDialectOf } from '../problem.ts';
import {
  anthropicModel,
  anthropicModelSchema,
  geminiModel,
  geminiModelSchema,
  openAiModel,
  openAiModelSchema,
} from './model-shapes.ts';

const tag = 'models';
const permission = 'proxy:use';

/**
 * Largest page, and the page's size where the client names none. The vendors' own defaults (20 and 50) would hide
 * models from the many clients that never ask for a second page.
 */
const pageSizeMax = 1000;

/** Versions of Gemini's API under which only Gemini's shape is asked for. */
const geminiVersions = ['v1beta', 'v1alpha'];

const openAiList = z.strictObject({ object: z.literal('list'), data: z.array(openAiModelSchema) });
const anthropicList = z.strictObject({
  data: z.array(anthropicModelSchema),
  has_more: z.boolean(),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
});
const geminiList = z.strictObject({ models: z.array(geminiModelSchema), nextPageToken: z.string().optional() });
const pageSize = z.coerce.number().int().min(1).max(pageSizeMax).default(pageSizeMax);
const geminiParameters = { pageSize: pageSize.describe('Gemini'), pageToken: z.string().optional().describe('Gemini') };
// Loose, because clients of every kind add parameters of their own here.
const geminiQuery = z.looseObject(geminiParameters);
const listQuery = z.looseObject({
  limit: pageSize.describe('Anthropic'),
  after_id: z.string().optional().describe('Anthropic'),
  before_id: z.string().optional().describe('Anthropic'),
  ...geminiParameters,
});

/** The models of all accounts, in the shape of whichever SDK asks. */
export function modelRoutes(models: FreshModels): Route[] {
  const gemini = geminiVersions.flatMap((version) => [geminiListing(models, version), geminiShow(models, version)]);
  return [list(models), show(models), ...gemini];
}

function list(models: FreshModels): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/models',
    permission,
    tag,
    summary:
      "All models that the key may use, in Gemini's shape for x-goog-api-key, in Anthropic's for anthropic-version or x-api-key, else in OpenAI's",
    query: listQuery,
    response: z.union([openAiList, anthropicList, geminiList]),
    async handler({ headers, query, caller }) {
      const all = await listFor(caller, models);
      const dialect = modelsDialectOf(headers);
      if (dialect === 'gemini') return geminiPage(all, query);
      if (dialect === 'anthropic') return anthropicPage(all, query);
      return { object: 'list' as const, data: all.map(openAiModel) };
    },
  });
}

function show(models: FreshModels): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/models/{model+}',
    permission,
    tag,
    summary: 'One model, in the same shapes',
    params: z.strictObject({ model: z.string() }),
    response: z.union([openAiModelSchema, anthropicModelSchema, geminiModelSchema]),
    async handler({ headers, params, caller }) {
      const model = await find(caller, models, params.model);
      const dialect = modelsDialectOf(headers);
      if (dialect === 'gemini') return geminiModel(model);
      return dialect === 'anthropic' ? anthropicModel(model) : openAiModel(model);
    },
  });
}

function geminiListing(models: FreshModels, version: string): Route {
  return defineRoute({
    method: 'GET',
    path: `/${version}/models`,
    permission,
    tag,
    summary: "All models that the key may use, in Gemini's shape",
    query: geminiQuery,
    response: geminiList,
    handler: async ({ query, caller }) => geminiPage(await listFor(caller, models), query),
  });
}

function geminiShow(models: FreshModels, version: string): Route {
  return defineRoute({
    method: 'GET',
    path: `/${version}/models/{model+}`,
    permission,
    tag,
    summary: "One model in Gemini's shape",
    params: z.strictObject({ model: z.string() }),
    response: geminiModelSchema,
    handler: async ({ params, caller }) => geminiModel(await find(caller, models, params.model)),
  });
}

function geminiPage(all: readonly ModelListing[], query: z.infer<typeof geminiQuery>): z.infer<typeof geminiList> {
  const { page, hasMore } = pageAfter(all, query.pageToken, query.pageSize);
  const last = page.at(-1);
  const next = hasMore && last !== undefined ? { nextPageToken: last.id } : {};
  return { models: page.map(geminiModel), ...next };
}

/** Those that the caller's key may use: by name, and by the providers that have them. */
async function listFor(caller: Principal | undefined, models: FreshModels): Promise<readonly ModelListing[]> {
  const all = await models.list();
  const policy = caller?.policy;
  return policy === undefined ? all : all.filter((model) => mayUse(policy, model));
}

function mayUse(policy: KeyPolicy, { id, providers }: ModelListing): boolean {
  const allowed = policy.providers;
  if (!policy.allowsModel(id)) return false;
  return allowed === undefined || providers === undefined || providers.some((provider) => allowed.has(provider));
}

async function find(caller: Principal | undefined, models: FreshModels, id: string): Promise<ModelListing> {
  const model = (await listFor(caller, models)).find((model) => model.id === id);
  if (model === undefined) throw httpFaults.model_not_listed(`no account lists the model ${JSON.stringify(id)}`);
  return model;
}

function anthropicPage(all: readonly ModelListing[], query: z.infer<typeof listQuery>): z.infer<typeof anthropicList> {
  const { page, hasMore } =
    query.before_id === undefined
      ? pageAfter(all, query.after_id, query.limit)
      : pageBefore(all, query.before_id, query.limit);
  const data = page.map(anthropicModel);
  return { data, has_more: hasMore, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

/** The list is sorted by id, so a cursor works although its model may have gone since. */
function pageAfter(all: readonly ModelListing[], cursor: string | undefined, size: number) {
  const rest = cursor === undefined ? all : all.filter((model) => model.id > cursor);
  return { page: rest.slice(0, size), hasMore: rest.length > size };
}

function pageBefore(all: readonly ModelListing[], cursor: string, size: number) {
  const rest = all.filter((model) => model.id < cursor);
  return { page: rest.slice(Math.max(0, rest.length - size)), hasMore: rest.length > size };
}
