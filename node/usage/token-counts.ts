import type { Usage } from '../conversation/contract.ts';
import type { TokenCounts } from './exact-price.ts';

/**
 * The four kinds apart, of a record in which the input's total includes what the provider's cache had to do with. What
 * the upstream did not say, or said in a way that cannot be, is absent.
 */
export function tokenCounts(usage: Usage): TokenCounts {
  const total = countOf(usage.inputTotal);
  const cacheRead = countOf(usage.cacheRead);
  const cacheWrite = countOf(usage.cacheWrite);
  return {
    prompt: total === undefined ? undefined : Math.max(0, total - (cacheRead ?? 0) - (cacheWrite ?? 0)),
    completion: countOf(usage.outputTotal),
    cacheRead,
    cacheWrite,
  };
}

/** Upstreams choose these numbers. */
export function countOf(value: number | undefined): number | undefined {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
