import type { QuotaRule } from '../../../cluster/quota/contract.ts';

/** Minutes are seconds here: one that is used hard, one that no number of nodes divides, one of large amounts, and one in use. */
export const rules: ReadonlyMap<string, QuotaRule> = new Map<string, QuotaRule>([
  ['requests', { limit: 60, windowMs: 4000 }],
  ['few', { limit: 7, windowMs: 2500 }],
  ['tokens', { limit: 4000, windowMs: 5000 }],
  ['concurrent', { limit: 16, windowMs: undefined }],
]);

export const buckets: readonly string[] = [...rules.keys()];

export const longestWindowMs = Math.max(...[...rules.values()].map(({ windowMs }) => windowMs ?? 0));

export function ruleOf(bucket: string): QuotaRule | undefined {
  return rules.get(bucket);
}
