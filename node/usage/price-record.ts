import { z } from 'zod';
import type { Price } from './contract.ts';

/** Versions of one model's price that are kept, the newest first. */
export const priceVersionsMax = 50;
/** Models whose price was changed at run time, those that are back at the configuration's included. */
export const changedModelsMax = 2_000;
/** What a record's id can hold. */
export const modelNameLengthMax = 200;
const whoLengthMax = 128;

const amount = z.number().min(0).max(1_000_000).optional();

const versionSchema = z.object({
  version: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  changed_at: z.number().int().min(0),
  changed_by: z.string().max(whoLengthMax).optional(),
  prompt: amount,
  completion: amount,
  cache_read: amount,
  cache_write: amount,
  currency: z.string().regex(/^[A-Z]{3}$/),
  per: z.number().int().min(1).max(1_000_000_000),
});
type PriceVersion = z.infer<typeof versionSchema>;

const recordSchema = z.object({
  /** The newest version's number; also that of the removal, which has no price. */
  version: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  /** Back at the configuration's price, or at none. */
  is_removed: z.boolean(),
  removed_by: z.string().max(whoLengthMax).optional(),
  versions: z.array(versionSchema).max(priceVersionsMax),
});

/** What the cluster keeps of one model's price. */
export interface PriceRecord {
  readonly version: number;
  readonly isRemoved: boolean;
  /** The newest first; a removed one's last price is still there. */
  readonly versions: readonly Price[];
}

/** Undefined for what another version wrote and this one cannot read. */
export function readPriceRecord(model: string, payload: unknown): PriceRecord | undefined {
  const parsed = recordSchema.safeParse(payload);
  if (!parsed.success) return undefined;
  const { version, is_removed: isRemoved, versions } = parsed.data;
  if (!isRemoved && versions.length === 0) return undefined;
  return { version, isRemoved, versions: versions.map((each) => priceOf(model, each)) };
}

/** The payload with one version more. */
export function withVersion(before: PriceRecord | undefined, price: Price): unknown {
  const versions = [price, ...(before?.versions ?? [])].slice(0, priceVersionsMax).map(versionOf);
  return { version: price.version, is_removed: false, versions };
}

/** The payload of a price that was taken back. */
export function withoutPrice(before: PriceRecord, by: string | undefined): unknown {
  const versions = before.versions.map(versionOf);
  const who = by === undefined ? {} : { removed_by: by.slice(0, whoLengthMax) };
  return { version: before.version + 1, is_removed: true, ...who, versions };
}

function priceOf(model: string, each: PriceVersion): Price {
  return {
    model,
    prompt: each.prompt,
    completion: each.completion,
    cacheRead: each.cache_read,
    cacheWrite: each.cache_write,
    currency: each.currency,
    per: each.per,
    version: each.version,
    origin: 'changed',
    changedAtMs: each.changed_at,
    changedBy: each.changed_by,
  };
}

function versionOf(price: Price): PriceVersion {
  return {
    version: price.version,
    changed_at: price.changedAtMs ?? 0,
    ...(price.changedBy === undefined ? {} : { changed_by: price.changedBy.slice(0, whoLengthMax) }),
    prompt: price.prompt,
    completion: price.completion,
    cache_read: price.cacheRead,
    cache_write: price.cacheWrite,
    currency: price.currency,
    per: price.per,
  };
}
