import { createHash } from 'node:crypto';
import type { Fence } from '../../cluster/intents/contract.ts';
import type { NodeId } from '../../cluster/membership/contract.ts';
import type { Secret } from '../../kit/secret.ts';
import type { IssuedAccess, TokenLogin } from '../providers/contract.ts';
import type { HeldToken, IssuedToken } from './contract.ts';

/** An access token goes into a header: visible ASCII in one line. Signed tokens of a few kilobytes are the longest known. */
export const accessForm = /^[\x21-\x7e]{1,16384}$/;

/** Configured refresh tokens that are remembered as used up by later ones; people log in anew a few times a year. */
export const rootsMax = 8;

/** Names a token where the token itself must not stand: in intents, records and questions. */
export function hashOf(token: Secret | string): string {
  return createHash('sha256')
    .update(typeof token === 'string' ? token : token.reveal())
    .digest('hex');
}

/** A refresh token as a person gave it, never used yet, with the access token that came with it until that ends. */
export function configuredToken(login: TokenLogin, nowMs: number): HeldToken {
  const issued = stillGood(login, nowMs);
  return {
    access: issued?.accessToken,
    refresh: login.refreshToken,
    expiresAtMs: issued?.expiresAtMs ?? 0,
    // How long it lived before is not known; a whole life has it refreshed as early as any other.
    lifetimeMs: issued === undefined ? 0 : login.lifetimeMs,
    extras: issued?.extras ?? {},
    roots: [hashOf(login.refreshToken)],
    issuedAtMs: 0,
    fence: undefined,
    clusterId: '',
    refreshedBy: undefined,
  };
}

/** What is to be used of a person's file: nothing that has ended, that ends at no known time, or that fits no header. */
function stillGood({ issued }: TokenLogin, nowMs: number): IssuedAccess | undefined {
  if (issued === undefined || !Number.isFinite(issued.expiresAtMs) || issued.expiresAtMs <= nowMs) return undefined;
  return accessForm.test(issued.accessToken.reveal()) ? issued : undefined;
}

export interface Issue {
  readonly nowMs: number;
  readonly fence: Fence;
  readonly clusterId: string;
  readonly self: NodeId;
  /** Hash of the configured refresh token, for a token whose origin was not known. */
  readonly root: string;
}

/** The token that a refresh of `before` gave. What the service left out stays as it was. */
export function renewedToken(before: HeldToken, issued: IssuedToken, issue: Issue): HeldToken {
  return {
    access: issued.access,
    refresh: issued.refresh ?? before.refresh,
    expiresAtMs: issue.nowMs + issued.lifetimeMs,
    lifetimeMs: issued.lifetimeMs,
    extras: { ...before.extras, ...issued.extras },
    roots: before.roots.length === 0 ? [issue.root] : before.roots,
    issuedAtMs: issue.nowMs,
    fence: issue.fence,
    clusterId: issue.clusterId,
    refreshedBy: issue.self,
  };
}

/** What tokens are ordered by. */
export type TokenOrder = Pick<HeldToken, 'fence' | 'clusterId' | 'issuedAtMs'>;

/** Whether `one` was issued after `other`: by their leader's count where one cluster made both, else by wall time. */
export function isNewer(one: TokenOrder, other: TokenOrder): boolean {
  if (one.fence !== undefined && other.fence !== undefined && one.clusterId === other.clusterId) {
    return isLater(one.fence, other.fence);
  }
  return one.issuedAtMs > other.issuedAtMs;
}

/** Whether a leader after the one that gave `other` gave `one`. Clocks have no say in it. */
export function isOfLaterFence(one: TokenOrder, other: TokenOrder): boolean {
  if (one.fence === undefined || other.fence === undefined || one.clusterId !== other.clusterId) return false;
  return isLater(one.fence, other.fence);
}

export function isLater(one: Fence, other: Fence): boolean {
  return one.term > other.term || (one.term === other.term && one.sequence > other.sequence);
}

export function isSameFence(one: Fence, other: Fence): boolean {
  return one.term === other.term && one.sequence === other.sequence;
}

/**
 * Whether a token is the fruit of the refresh token that this node was configured with: it grew from it, or from one
 * that the others have been given since (it then stands among the roots). A kept token of unknown origin counts.
 */
export function descendsFrom(token: HeldToken, root: string): boolean {
  return token.roots.length === 0 || token.roots.includes(root);
}
