import { z } from 'zod';
import type { Provider } from '../../providers/contract.ts';

/** Longest account id, characters; ids are metric labels and parts of paths. */
const idLengthMax = 64;
/** Most model names that one account may list; the longest real list (OpenRouter's) has under 700. */
const modelsMax = 5000;

const changeable = {
  base_url: z.url({ protocol: /^https?$/ }).describe('where the provider is reached'),
  weight: z.number().min(0).max(1000).describe('share of requests for weighted strategies'),
  max_concurrency: z.number().int().min(1).max(100_000).describe('requests at once'),
  enabled: z.boolean(),
  group: z.string().min(1).max(idLengthMax),
  models: z.array(z.string().min(1).max(256)).max(modelsMax).describe('the only names that the account takes'),
  accept_unknown_models: z.boolean().describe('takes any model name'),
};

const id = z
  .string()
  .max(idLengthMax)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must begin with a letter or digit and hold only letters, digits, . _ -')
  .refine((text) => text !== 'stats', 'must not be "stats": /accounts/stats is a path of its own');

/** Null in a change takes a field back to its default. */
const nullable = Object.fromEntries(
  Object.entries(changeable).map(([name, schema]) => [name, schema.nullable().optional()]),
);

/**
 * Body of `POST /accounts`: fields that every account has, and those of its provider. The latter are checked by the
 * account editor against the provider's own schema, which refuses unknown ones by name.
 */
export function newAccountSchema(providers: readonly Provider[]): z.ZodType<Record<string, unknown>> {
  const names = providers.map((provider) => provider.id);
  return z
    .looseObject({ id, provider: z.enum(names), ...z.object(changeable).partial().shape })
    .meta({ 'x-provider-fields': Object.fromEntries(providers.map((provider) => [provider.id, fieldsOf(provider)])) });
}

/** Body of `PATCH /accounts/{id}`: any of the fields but `id` and `provider`; null takes one back to its default. */
export const changedAccountSchema: z.ZodType<Record<string, unknown>> = z.looseObject({
  ...nullable,
  id: z.undefined({ error: 'the id of an account cannot be changed' }).optional(),
  provider: z.undefined({ error: 'the provider of an account cannot be changed' }).optional(),
});

/** The provider's own fields, for the documentation. */
function fieldsOf(provider: Provider): unknown {
  return z.toJSONSchema(provider.credential, { io: 'input', unrepresentable: 'any' }).properties;
}
