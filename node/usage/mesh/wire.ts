import { z } from 'zod';
import type { KeptPrompt, Trace, TraceQuery, UsageQuery, UsageRow } from '../../store/contract.ts';
import { decodeTrace, encodeTrace } from '../../store/trace-row.ts';
import { usageFaults } from '../faults.ts';
import { rowsPerAnswerMax, tracesPerAnswerMax } from '../limits.ts';

/** Services that every member answers. One that does not know them belongs to another version, and counts as missing. */
export const services = {
  sum: 'usage/sum',
  traces: 'usage/traces',
  trace: 'usage/trace',
  prompt: 'usage/prompt',
} as const;

/** Of ids and names; models are cut at 128 characters where they are kept. */
const nameLengthMax = 256;
/** A row of a trace is cut at 2,048 characters, each of which may take six. */
const rowLengthMax = 16_384;
/** Longer ones are kept by nobody: `forward` cuts prompts far below. */
const promptBytesMax = 8_000_000;

const name = z.string().max(nameLengthMax);
const wallMs = z
  .number()
  .int()
  .min(0)
  .max(2 ** 48);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const sumSchema = z.object({
  groupBy: z.enum(['hour', 'day', 'key', 'user', 'account', 'model']),
  fromMs: wallMs,
  toMs: wallMs,
  key: name.optional(),
  user: name.optional(),
  account: name.optional(),
  model: name.optional(),
});

const tracesSchema = z.object({
  key: name.optional(),
  user: name.optional(),
  account: name.optional(),
  model: name.optional(),
  status: z.number().int().min(0).max(999).optional(),
  fromMs: wallMs,
  toMs: wallMs,
  limit: z.number().int().min(1).max(tracesPerAnswerMax),
  after: z.object({ startedAtMs: wallMs, requestId: name }).optional(),
});

const requestSchema = z.object({ requestId: name });

export function readSumQuestion(body: unknown): UsageQuery {
  return questionOf(sumSchema, body);
}

export function readTracesQuestion(body: unknown): TraceQuery {
  return questionOf(tracesSchema, body);
}

export function readRequestQuestion(body: unknown): string {
  return questionOf(requestSchema, body).requestId;
}

/** Throws `usage_message_malformed`. */
function questionOf<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw usageFaults.usage_message_malformed('a question about usage cannot be read');
  return parsed.data;
}

/** Fields that are undefined do not travel. */
export function questionBody(query: UsageQuery | TraceQuery | { requestId: string }): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

/** Sums are floating point: a billionth of a currency of small units soon adds up to more than is exact. */
const sum = z.number().min(0);

const sumRowSchema = z.tuple([name, z.string().max(8), count, count, sum, sum, sum, sum, sum, count]);
const sumAnswerSchema = z.object({ rows: z.array(sumRowSchema).max(rowsPerAnswerMax) });

/** Undefined where there are more rows than an answer may hold. */
export function encodeSum(rows: readonly UsageRow[]): unknown {
  return rows.length > rowsPerAnswerMax ? undefined : { rows: rows.map(rowOf) };
}

/** Undefined for anything that is no such answer, as for the other readers. */
export function readSum(body: unknown): UsageRow[] | undefined {
  const parsed = sumAnswerSchema.safeParse(body);
  return parsed.success ? parsed.data.rows.map(usageRowOf) : undefined;
}

function rowOf(row: UsageRow): z.infer<typeof sumRowSchema> {
  return [
    row.group,
    row.currency,
    row.requests,
    row.errors,
    row.promptTokens,
    row.completionTokens,
    row.cacheCreationTokens,
    row.cacheReadTokens,
    row.costNano,
    row.estimated,
  ];
}

function usageRowOf(row: z.infer<typeof sumRowSchema>): UsageRow {
  const [group, currency, requests, errors, promptTokens, completionTokens, ...rest] = row;
  const [cacheCreationTokens, cacheReadTokens, costNano, estimated] = rest;
  const tokens = { promptTokens, completionTokens, cacheCreationTokens, cacheReadTokens };
  return { group, currency, requests, errors, ...tokens, costNano, estimated };
}

/** Key, node, and the row as it is stored. */
const traceSchema = z.tuple([name, name, z.string().max(rowLengthMax)]);
const tracesAnswerSchema = z.object({ traces: z.array(traceSchema).max(tracesPerAnswerMax) });

export function encodeTraces(traces: readonly Trace[]): unknown {
  return { traces: traces.map((trace) => [trace.key, trace.node, encodeTrace(trace)]) };
}

export function readTraces(body: unknown): Trace[] | undefined {
  const parsed = tracesAnswerSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const traces = parsed.data.traces.map(traceOf).filter((trace) => trace !== undefined);
  return traces.length === parsed.data.traces.length ? traces : undefined;
}

function traceOf([key, node, text]: z.infer<typeof traceSchema>): Trace | undefined {
  try {
    const row: unknown = JSON.parse(text);
    return Array.isArray(row) ? decodeTrace(row, key, node) : undefined;
  } catch {
    // Not JSON: the whole answer is refused.
    return undefined;
  }
}

const promptAnswerSchema = z.object({
  prompt: z.object({ key: name, expiresAtMs: wallMs, content: z.instanceof(Uint8Array) }).nullable(),
});

export function encodePrompt(prompt: KeptPrompt | undefined): unknown {
  if (prompt === undefined || prompt.content.length > promptBytesMax) return { prompt: null };
  const { key, expiresAtMs, content } = prompt;
  return { prompt: { key, expiresAtMs, content } };
}

/** A list of one, or of none. */
export function readPrompt(requestId: string, body: unknown): KeptPrompt[] | undefined {
  const parsed = promptAnswerSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { prompt } = parsed.data;
  return prompt === null ? [] : [{ requestId, ...prompt }];
}
