import { z } from 'zod';
import type { StoreBatch } from '../store/contract.ts';

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const groupSchema = z.strictObject({ key: z.string(), fromMs: count, toMs: count, count, rows: z.string() });

const usageSchema = z.strictObject({
  hourMs: count,
  key: z.string(),
  user: z.string(),
  account: z.string(),
  model: z.string(),
  currency: z.string(),
  requests: count,
  errors: count,
  promptTokens: count,
  completionTokens: count,
  cacheCreationTokens: count,
  cacheReadTokens: count,
  costNano: count,
  estimated: count,
});

const promptSchema = z.strictObject({
  requestId: z.string(),
  key: z.string(),
  expiresAtMs: count,
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
