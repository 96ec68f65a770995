import { z } from 'zod';
import { parseRange } from './address-range.ts';
import type { KeyFields } from './contract.ts';
import { authFaults } from './faults.ts';

/** A record of the mesh may hold 64 KiB; so much of it may be the fields, as JSON. */
const sizeBytesMax = 48 * 1024;
const listMax = 500;

const text = (lengthMax: number) =>
  z
    .string(`must be text of 1 to ${lengthMax} characters`)
    .refine(
      (value) => value.length > 0 && value.length <= lengthMax && !/\p{Cc}/u.test(value) && value.isWellFormed(),
      `must be text of 1 to ${lengthMax} characters, without line ends and the like`,
    );

const list = (item: z.ZodType<string>) => {
  const allowed = `must be a list of 1 to ${listMax} entries; without the field there is no such restriction`;
  return z.array(item, allowed).min(1, allowed).max(listMax, allowed).readonly().optional();
};

const whole = (max: number) => {
  const allowed = `must be a whole number from 1 to ${max}`;
  return z.number(allowed).int(allowed).min(1, allowed).max(max, allowed).optional();
};

/** Largest cost whose nano-units are counted exactly. */
const costMax = 9_000_000;

const cost = () => {
  const allowed = `must be a number from 0.000000001 to ${costMax}`;
  return z.number(allowed).min(1e-9, allowed).max(costMax, allowed).optional();
};

const flag = () => z.boolean('must be true or false').optional();

const model = text(256).refine((name) => !/\*./.test(name), 'may have a * at its end only');
const network = text(64).refine((range) => parseRange(range) !== undefined, 'must be an IP address or a CIDR range');

const timeAllowed = 'must be a time between 1970 and the year 275760';

export const keyFieldsSchema = z.object({
  name: text(128),
  user: text(64).optional(),
  role: text(64).optional(),
  isEnabled: flag(),
  expiresAtMs: z.number(timeAllowed).int(timeAllowed).min(0, timeAllowed).max(8.64e15, timeAllowed).optional(),
  models: list(model),
  providers: list(text(64)),
  networks: list(network),
  accounts: list(text(128)),
  strategy: text(64).optional(),
  requestsPerMinute: whole(1_000_000_000),
  tokensPerMinute: whole(1_000_000_000_000),
  concurrentRequests: whole(1_000_000),
  dailyTokenBudget: whole(1_000_000_000_000_000),
  monthlyTokenBudget: whole(1_000_000_000_000_000),
  dailyCostBudget: cost(),
  monthlyCostBudget: cost(),
  sharesCache: flag(),
  promptDays: whole(3_650),
});

/** Names by which people know the fields, where they are not those of the code. */
const names: Readonly<Record<string, string>> = {
  user: 'user_id',
  isEnabled: 'enabled',
  expiresAtMs: 'expires_at',
  sharesCache: 'share_cache',
  promptDays: 'store_prompts_days',
};

/** `requestsPerMinute` is `requests_per_minute`. */
export function keyFieldName(field: string): string {
  return names[field] ?? field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The fields without what is undefined. Throws `bad_key_field` naming the first that may not be so. */
export function checkedKeyFields(fields: object): KeyFields {
  const parsed = keyFieldsSchema.safeParse(fields);
  if (parsed.success) return withinSize(parsed.data);
  const { path = [], message = 'is not allowed' } = parsed.error.issues[0] ?? {};
  const [first, ...rest] = path;
  const field = keyFieldName(String(first)) + rest.map((part) => `[${String(part)}]`).join('');
  throw authFaults.bad_key_field(`${field} ${message}`, { field });
}

function withinSize(fields: KeyFields): KeyFields {
  if (Buffer.byteLength(JSON.stringify(fields)) <= sizeBytesMax) return fields;
  throw authFaults.bad_key_field(`all fields together may have at most ${sizeBytesMax} bytes`);
}
