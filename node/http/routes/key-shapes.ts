import { z } from 'zod';
import type { ApiKey, KeyChanges, KeyFields } from '../../auth/contract.ts';
import { isoOf, momentSchema } from '../moment.ts';
import { isNetwork } from '../network-text.ts';
import { idText, plainText, roleNameText } from '../plain-text.ts';

/** A key is one record of the mesh, which takes 64 KB; its lists and names may have this many bytes of JSON together. */
const sizeBytesMax = 48 * 1024;
/** Costs are counted in whole nano-units, and those are exact up to 2^53: 9,007,199 units. */
const costMax = 9_000_000;
const tokensMax = 1_000_000_000_000_000;
const promptDaysMax = 3_650;

const list = (entry: z.ZodType<string>, lengthMax: number) => z.array(entry).min(1).max(lengthMax);
const count = (max: number) => z.number().int().min(1).max(max);
const cost = z.number().min(0.000_001).max(costMax);

const modelPattern = plainText(256).refine((text) => !text.slice(0, -1).includes('*'), 'may have a * at its end only');
const network = z.string().max(64).refine(isNetwork, 'must be an IP address or a network such as 10.0.0.0/8');

/** What a key may be restricted to, as the API names it; the shape of both bodies. */
function restrictions(providers: readonly string[], strategies: readonly string[]) {
  return {
    user_id: idText.describe("the user whose key it is; absent: nobody's"),
    role: roleNameText.describe('absent: `user`; whatever it is, a key may no more than its user'),
    expires_at: momentSchema,
    models: list(modelPattern, 200).describe('names that may be asked for; a name may end in *'),
    providers: list(z.enum(providers), 64),
    networks: list(network, 200).describe('where the key may be used from: IP addresses and networks'),
    accounts: list(idText, 500).describe('ids of the accounts that may serve it'),
    strategy: z.enum(strategies).describe('how an account is chosen for it'),
    requests_per_minute: count(1_000_000_000),
    tokens_per_minute: count(1_000_000_000_000),
    concurrent_requests: count(1_000_000),
    daily_token_budget: count(tokensMax).describe('tokens of all kinds in a day, UTC'),
    monthly_token_budget: count(tokensMax),
    daily_cost_budget: cost.describe("in units of the price table's currency"),
    monthly_cost_budget: cost,
    share_cache: z.boolean().describe('shares cached answers with all keys that do so'),
    store_prompts_days: count(promptDaysMax).describe('prompts and answers are kept so long; absent: never'),
  };
}

const keyName = plainText(128).describe('for people');

/** Bodies of `POST /keys` and `PATCH /keys/{id}`. `nowMs` tells what has expired already. */
export function keyBodies(providers: readonly string[], strategies: readonly string[], nowMs: () => number) {
  const fields = restrictions(providers, strategies);
  const ahead = fields.expires_at.refine((momentMs) => momentMs > nowMs(), 'must be in the future');
  const own = { ...fields, expires_at: ahead.describe('ISO 8601 (UTC where no zone is named) or Unix seconds') };
  const base = { name: keyName, enabled: z.boolean() };
  return {
    created: bounded(
      z
        .strictObject({ ...base, ...own })
        .partial()
        .required({ name: true }),
    ),
    changed: bounded(z.strictObject({ ...z.strictObject(base).partial().shape, ...nullable(own) })),
  };
}

type NullableShape<Shape extends z.ZodRawShape> = {
  [Name in keyof Shape]: z.ZodOptional<z.ZodNullable<Shape[Name] & z.ZodType>>;
};

function nullable<Shape extends z.ZodRawShape>(shape: Shape): NullableShape<Shape> {
  const entries = Object.entries(shape).map(([name, schema]) => [name, z.optional(z.nullable(schema))]);
  return Object.fromEntries(entries) as NullableShape<Shape>;
}

function bounded<Body>(schema: z.ZodType<Body> & { refine: z.ZodType<Body>['refine'] }): z.ZodType<Body> {
  return schema.refine((body) => Buffer.byteLength(JSON.stringify(body)) <= sizeBytesMax, {
    message: `all lists and names together may have at most ${sizeBytesMax} bytes`,
  });
}

/** API name of each field of the contract. */
const names = {
  name: 'name',
  user: 'user_id',
  role: 'role',
  isEnabled: 'enabled',
  expiresAtMs: 'expires_at',
  models: 'models',
  providers: 'providers',
  networks: 'networks',
  accounts: 'accounts',
  strategy: 'strategy',
  requestsPerMinute: 'requests_per_minute',
  tokensPerMinute: 'tokens_per_minute',
  concurrentRequests: 'concurrent_requests',
  dailyTokenBudget: 'daily_token_budget',
  monthlyTokenBudget: 'monthly_token_budget',
  dailyCostBudget: 'daily_cost_budget',
  monthlyCostBudget: 'monthly_cost_budget',
  sharesCache: 'share_cache',
  promptDays: 'store_prompts_days',
} as const satisfies Record<keyof KeyFields, string>;

type Bodies = ReturnType<typeof keyBodies>;

/** The fields of a new key, by the contract's names. */
export function keyFieldsOf(body: z.infer<Bodies['created']>): KeyFields {
  return { ...(byContractName(body) as Omit<KeyFields, 'name'>), name: body.name };
}

/** The fields that change, by the contract's names; what is absent stays absent. */
export function keyChangesOf(body: z.infer<Bodies['changed']>): KeyChanges {
  return byContractName(body);
}

function byContractName(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.entries(names).flatMap(([field, name]) =>
    body[name] === undefined ? [] : [[field, body[name]] as const],
  );
  return Object.fromEntries(given);
}

const text = z.string().nullable();
const number = z.number().nullable();
const texts = z.array(z.string()).nullable();

/** A key as it is shown: null where it is not restricted. Never the key itself. */
export const keySchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  prefix: z.string().describe('first characters of the key'),
  user_id: text,
  role: text,
  enabled: z.boolean(),
  created_at: z.string().describe('ISO 8601'),
  last_used_at: text.describe('ISO 8601; as the node that answers has seen it'),
  expires_at: text.describe('ISO 8601'),
  models: texts,
  providers: texts,
  networks: texts,
  accounts: texts,
  strategy: text,
  requests_per_minute: number,
  tokens_per_minute: number,
  concurrent_requests: number,
  daily_token_budget: number,
  monthly_token_budget: number,
  daily_cost_budget: number,
  monthly_cost_budget: number,
  share_cache: z.boolean(),
  store_prompts_days: number,
});

const listOrNull = (values: readonly string[] | undefined) => (values === undefined ? null : [...values]);

export function keyView(key: ApiKey): z.infer<typeof keySchema> {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    user_id: key.user ?? null,
    role: key.role ?? null,
    enabled: key.isEnabled ?? true,
    created_at: new Date(key.createdAtMs).toISOString(),
    last_used_at: isoOf(key.lastUsedAtMs),
    expires_at: isoOf(key.expiresAtMs),
    models: listOrNull(key.models),
    providers: listOrNull(key.providers),
    networks: listOrNull(key.networks),
    accounts: listOrNull(key.accounts),
    strategy: key.strategy ?? null,
    requests_per_minute: key.requestsPerMinute ?? null,
    tokens_per_minute: key.tokensPerMinute ?? null,
    concurrent_requests: key.concurrentRequests ?? null,
    daily_token_budget: key.dailyTokenBudget ?? null,
    monthly_token_budget: key.monthlyTokenBudget ?? null,
    daily_cost_budget: key.dailyCostBudget ?? null,
    monthly_cost_budget: key.monthlyCostBudget ?? null,
    share_cache: key.sharesCache ?? false,
    store_prompts_days: key.promptDays ?? null,
  };
}
