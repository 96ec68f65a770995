/** What nodes say of breakers and rests. Times are wall ms of the node that says it. */
export type BreakerWord =
  { readonly open: true; readonly at: number; readonly until: number } | { readonly open: false; readonly at: number };

export interface RestWord {
  readonly at: number;
  readonly until: number;
}

/** Undefined for what is gone, and for what no node of ours would say. */
export function readBreakerWord(value: unknown): BreakerWord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { open, at, until } = value as Record<string, unknown>;
  if (!isTime(at)) return undefined;
  if (open === false) return value as BreakerWord;
  return open === true && isTime(until) ? (value as BreakerWord) : undefined;
}

export function readRestWord(value: unknown): RestWord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { at, until } = value as Record<string, unknown>;
  return isTime(at) && isTime(until) ? (value as RestWord) : undefined;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
