import { Secret } from '../../../kit/secret.ts';
import type { HeldToken } from '../../../node/tokens/contract.ts';

/** The token of the nth refresh: a higher one is newer. */
export function tokenOf(refresh: number): HeldToken {
  return {
    access: new Secret(`at-${refresh}`),
    refresh: new Secret(`rt-${refresh}`),
    expiresAtMs: 1_900_000_000_000,
    lifetimeMs: 3_600_000,
    extras: { profile_arn: 'arn:x' },
    roots: ['a'.repeat(64)],
    issuedAtMs: 1_899_996_400_000,
    fence: { term: 3, sequence: refresh },
    clusterId: 'c1',
    refreshedBy: 'node2',
  };
}
