import type { Sealer } from '../../cluster/contract.ts';
import type { Fence } from '../../cluster/intents/contract.ts';
import { Secret } from '../../kit/secret.ts';
import type { HeldToken, NeedsLogin } from './contract.ts';
import { jsonObject } from './refresh-answer.ts';
import { readExtras, readRoots } from './token-file.ts';

/** The fenced table in which all nodes have every account's token. */
export const tokensTable = 'tokens';

/** Longest sealed token, base64: far above what `token-file.ts` admits. */
const sealedLengthMax = 128 * 1024;

/** What a record of the table says. */
export type TokenNews = { readonly token: HeldToken } | { readonly needsLogin: NeedsLogin };

/** The payload for a new token; what is secret of it is sealed for members of this cluster. */
export function tokenPayload(sealer: Sealer, accountId: string, token: HeldToken): object {
  const plain = JSON.stringify({
    access: token.access?.reveal(),
    refresh: token.refresh.reveal(),
    extras: token.extras,
  });
  const sealed = sealer.seal(purposeOf(accountId), Buffer.from(plain));
  return {
    sealed: Buffer.from(sealed).toString('base64'),
    expires_at_ms: token.expiresAtMs,
    lifetime_ms: token.lifetimeMs,
    issued_at_ms: token.issuedAtMs,
    cluster: token.clusterId,
    refreshed_by: token.refreshedBy ?? '',
    roots: [...token.roots],
  };
}

/** The payload that tells all that an account needs a person. */
export function loginPayload({ error, isLost, sinceMs, login, refused }: NeedsLogin): object {
  return {
    needs_login: error,
    is_lost: isLost,
    since_ms: sinceMs,
    login,
    refused_term: refused.fence?.term ?? -1,
    refused_sequence: refused.fence?.sequence ?? -1,
    issued_at_ms: refused.issuedAtMs,
    cluster: refused.clusterId,
  };
}

/** Reads a record's payload, which may come from any member; undefined for what is none or is sealed by others. */
export function readTokenRecord(
  sealer: Sealer,
  accountId: string,
  fence: Fence,
  payload: unknown,
): TokenNews | undefined {
  if (!isRecord(payload)) return undefined;
  if (typeof payload['needs_login'] === 'string') return { needsLogin: readMark(payload) };
  const token = readToken(sealer, accountId, fence, payload);
  return token === undefined ? undefined : { token };
}

function readMark(payload: Readonly<Record<string, unknown>>): NeedsLogin {
  const error = String(payload['needs_login']);
  const [term, sequence] = [payload['refused_term'], payload['refused_sequence']];
  const isFenced = typeof term === 'number' && typeof sequence === 'number' && term >= 0 && sequence >= 0;
  return {
    error: /^[A-Za-z0-9_.-]{1,64}$/.test(error) ? error : 'refused',
    isLost: payload['is_lost'] === true,
    sinceMs: count(payload['since_ms']),
    login: shortText(payload['login']),
    refused: {
      fence: isFenced ? { term, sequence } : undefined,
      clusterId: shortText(payload['cluster']),
      issuedAtMs: count(payload['issued_at_ms']),
    },
  };
}

function readToken(
  sealer: Sealer,
  accountId: string,
  fence: Fence,
  payload: Readonly<Record<string, unknown>>,
): HeldToken | undefined {
  const { sealed } = payload;
  if (typeof sealed !== 'string' || sealed.length > sealedLengthMax) return undefined;
  const opened = sealer.open(purposeOf(accountId), Buffer.from(sealed, 'base64'));
  const secrets = opened === undefined ? undefined : jsonObject(Buffer.from(opened));
  if (secrets === undefined) return undefined;
  const { access, refresh, extras } = secrets;
  if (typeof access !== 'string' || typeof refresh !== 'string') return undefined;
  return {
    access: new Secret(access),
    refresh: new Secret(refresh),
    extras: readExtras(extras),
    expiresAtMs: count(payload['expires_at_ms']),
    lifetimeMs: count(payload['lifetime_ms']),
    issuedAtMs: count(payload['issued_at_ms']),
    clusterId: shortText(payload['cluster']),
    refreshedBy: shortText(payload['refreshed_by']) || undefined,
    roots: readRoots(payload['roots']),
    fence,
  };
}

function purposeOf(accountId: string): string {
  return `token/${accountId}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shortText(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 256) : '';
}

/** Times and durations in milliseconds; the bound is the last moment that a Date can hold. */
function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.min(value, 8_640_000_000_000_000) : 0;
}
