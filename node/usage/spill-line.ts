import { z } from 'zod';
import type { StoreBatch } from '../store/contract.ts';

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Wall ms; before 1970 for a machine whose clock has not been set yet. */
const wallMs = z.number().int();
/** Billionths of a currency of small units add up to more than is exact. */
const sum = z.number().min(0);

const groupSchema = z.strictObject({ key: z.string(), fromMs: wallMs, toMs: wallMs, count, rows: z.string() });

const usageSchema = z.strictObject({
  hourMs: wallMs,
  key: z.string(),
  user: z.string(),
  account: z.string(),
  model: z.string(),
  currency: z.string(),
  requests: count,
  errors: count,
  promptTokens: sum,
  completionTokens: sum,
  cacheCreationTokens: sum,
  cacheReadTokens: sum,
  costNano: sum,
  estimated: count,
});

const promptSchema = z.strictObject({
  requestId: z.string(),
  key: z.string(),
  expiresAtMs: wallMs,
  content: z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64'))),
});

const batchSchema = z.strictObject({
  id: z.string(),
  node: z.string(),
  groups: z.array(groupSchema),
  usage: z.array(usageSchema),
  prompts: z.array(promptSchema),
});

/** A batch as one line of JSON with its line end; prompts, which are sealed, in Base64. */
export function encodeSpilled(batch: StoreBatch): Buffer {
  const prompts = batch.prompts.map((prompt) => ({
    ...prompt,
    content: Buffer.from(prompt.content).toString('base64'),
  }));
  return Buffer.from(`${JSON.stringify({ ...batch, prompts })}\n`);
}

/** Undefined for a line that was cut off or damaged. */
export function decodeSpilled(line: string): StoreBatch | undefined {
  try {
    return batchSchema.safeParse(JSON.parse(line)).data;
  } catch {
    // Not JSON: the caller tells of it.
    return undefined;
  }
}

/** Traces in a batch. */
export function tracesIn(batch: StoreBatch): number {
  return batch.groups.reduce((sum, group) => sum + group.count, 0);
}
