import type { QuotaRule } from '../../cluster/quota/contract.ts';
import type { KeyLimits } from '../auth/contract.ts';

/** Buckets of a key, in the order in which they are taken from. */
export const bucketKinds = ['concurrent', 'requests', 'tokens'] as const;

export type BucketKind = (typeof bucketKinds)[number];

/** Limits a minute slide: what was taken counts for so long. */
const windowMs = 60_000;

/** Ids of keys hold no slash. */
export function bucketName(key: string, kind: BucketKind): string {
  return `${key}/${kind}`;
}

/** Undefined for none. */
export function limitOf(limits: KeyLimits, kind: BucketKind): number | undefined {
  switch (kind) {
    case 'concurrent':
      return limits.concurrentRequests;
    case 'requests':
      return limits.requestsPerMinute;
    case 'tokens':
      return limits.tokensPerMinute;
  }
}

/** The rule of a bucket by its name, also at a member that has never seen a request of its key. */
export function ruleOf(bucket: string, limitsOf: (key: string) => KeyLimits | undefined): QuotaRule | undefined {
  const end = bucket.lastIndexOf('/');
  const kind = bucketKinds.find((each) => each === bucket.slice(end + 1));
  const limits = kind === undefined ? undefined : limitsOf(bucket.slice(0, end));
  if (kind === undefined || limits === undefined) return undefined;
  const limit = limitOf(limits, kind);
  return limit === undefined ? undefined : { limit, windowMs: kind === 'concurrent' ? undefined : windowMs };
}
