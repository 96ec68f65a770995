import type { Trace } from './contract.ts';

/**
 * Format of the rows of a `TraceGroup`. Within one format columns are only added, at the end: a row that is shorter was
 * written before the last of them came, one that is longer by a later version.
 */
export const traceFormat = 1;

/**
 * What each place of a row holds. Key and node are those of its group. The status comes first, so that a group can be
 * told to hold none of a class of statuses by its text alone (`trace-filter.ts`).
 */
export const traceColumns = [
  'status',
  'requestId',
  'startedAtMs',
  'durationMs',
  'ttftMs',
  'queueWaitMs',
  'attempts',
  'cache',
  'modelRequested',
  'modelServed',
  'account',
  'provider',
  'protocolIn',
  'protocolOut',
  'errorCode',
  'promptTokens',
  'completionTokens',
  'cacheCreationTokens',
  'cacheReadTokens',
  'usageEstimated',
  'costNano',
  'currency',
  'user',
  'clientRequestId',
] as const satisfies readonly (keyof Trace)[];

/** Place of a column in a row, from 0. */
export function columnOf(name: (typeof traceColumns)[number]): number {
  return traceColumns.indexOf(name);
}

/** An ordinary row has 250 characters. A longer one holds a text that somebody made long, and is cut. */
const rowLengthMax = 2_048;
const textLengthMax = 128;

/**
 * A trace as a JSON list in the order of `traceColumns`. Times are whole milliseconds, durations tenths of one. Texts
 * that no database takes (NUL, half a surrogate pair) are mended; those of a row that is too long are cut. One call of
 * JSON.stringify for the whole list is faster than joining texts (0.46 and 0.76 µs on a slow core).
 */
export function encodeTrace(trace: Trace): string {
  const row = JSON.stringify(rowOf(trace));
  // Only control characters and broken surrogates are written as \u.
  return row.length > rowLengthMax || row.includes('\\u') ? JSON.stringify(rowOf(trace).map(mended)) : row;
}

function rowOf(trace: Trace): unknown[] {
  return [
    trace.status,
    trace.requestId,
    Math.floor(trace.startedAtMs),
    tenths(trace.durationMs),
    trace.ttftMs === undefined ? undefined : tenths(trace.ttftMs),
    tenths(trace.queueWaitMs),
    trace.attempts,
    trace.cache,
    trace.modelRequested,
    trace.modelServed,
    trace.account,
    trace.provider,
    trace.protocolIn,
    trace.protocolOut,
    trace.errorCode,
    trace.promptTokens,
    trace.completionTokens,
    trace.cacheCreationTokens,
    trace.cacheReadTokens,
    trace.usageEstimated ? 1 : 0,
    trace.costNano,
    trace.currency,
    trace.user,
    trace.clientRequestId,
  ];
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}

function mended(value: unknown): unknown {
  return typeof value === 'string' ? storableText(value) : value;
}

/** A text as a row holds it at most. */
export function storableText(text: string): string {
  return text.slice(0, textLengthMax).toWellFormed().replaceAll('\0', '\u{fffd}');
}

/** The lists in the rows of a group; those that are none are left out, and all where the text is no list. */
export function parseRows(rows: string): unknown[][] {
  let lists: unknown;
  try {
    lists = JSON.parse(rows);
  } catch {
    return [];
  }
  return Array.isArray(lists) ? lists.filter((row) => Array.isArray(row)) : [];
}

const cacheOutcomes: ReadonlySet<unknown> = new Set(['hit', 'miss', 'peer', 'redis', 'bypass']);

/** One list of `parseRows` as a trace; undefined where it lacks what each trace has. */
export function decodeTrace(row: readonly unknown[], key: string, node: string): Trace | undefined {
  const [status, requestId, startedAtMs, durationMs, ttftMs, queueWaitMs, attempts, cache, modelRequested] = row;
  const protocolIn = row[12];
  if (!isNumber(status) || !isNumber(startedAtMs) || !isNumber(durationMs)) return undefined;
  if (typeof requestId !== 'string' || typeof modelRequested !== 'string' || typeof protocolIn !== 'string') {
    return undefined;
  }
  return {
    requestId,
    clientRequestId: text(row[23]),
    user: text(row[22]),
    key,
    node,
    account: text(row[10]),
    provider: text(row[11]),
    modelRequested,
    modelServed: text(row[9]),
    protocolIn,
    protocolOut: text(row[13]),
    status,
    errorCode: text(row[14]),
    attempts: number(attempts) ?? 0,
    cache: cacheOutcomes.has(cache) ? (cache as Trace['cache']) : 'bypass',
    queueWaitMs: number(queueWaitMs) ?? 0,
    ttftMs: number(ttftMs),
    durationMs,
    promptTokens: number(row[15]),
    completionTokens: number(row[16]),
    cacheCreationTokens: number(row[17]),
    cacheReadTokens: number(row[18]),
    usageEstimated: row[19] === 1,
    costNano: number(row[20]),
    currency: text(row[21]),
    startedAtMs,
  };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
