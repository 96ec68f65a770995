import type { Sealer } from '../../cluster/contract.ts';
import type { Fence } from '../../cluster/intents/contract.ts';
import { isJsonObject, type JsonObject } from '../../kit/json.ts';
import { Secret } from '../../kit/secret.ts';
import type { HeldToken, NeedsLogin } from './contract.ts';
import { jsonObject } from './refresh-answer.ts';
import { readExtras, readRoots } from './token-file.ts';

/** The fenced table in which all nodes have every account's token. */
export const tokensTable = 'tokens';

/** Longest sealed token, base64: far above what `token-file.ts` admits. */
const sealedLengthMax = 128 * 1024;

/** Orders what the leaders of one cluster said of an account; a fence counts among those of its cluster only. */
export interface RecordOrder {
  /** Undefined for a token that no leader fetched; such a one stands in no record. */
  readonly fence: Fence | undefined;
  readonly clusterId: string;
}

/** What a record of the table says. */
export type TokenNews = RecordOrder & ({ readonly token: HeldToken } | { readonly needsLogin: NeedsLogin });

/** The payload for a token, sealed for members of this cluster with what orders it: a stamp is anybody's. */
export function tokenPayload(sealer: Sealer, accountId: string, token: HeldToken): object {
  return seal(sealer, accountId, token, {
    access: token.access?.reveal(),
    refresh: token.refresh.reveal(),
    extras: token.extras,
    expires_at_ms: token.expiresAtMs,
    lifetime_ms: token.lifetimeMs,
    issued_at_ms: token.issuedAtMs,
    refreshed_by: token.refreshedBy ?? '',
    roots: [...token.roots],
  });
}

/** The payload that tells all that an account needs a person. `order` is that of the refusal. */
export function loginPayload(sealer: Sealer, accountId: string, order: RecordOrder, needed: NeedsLogin): object {
  const { error, isLost, sinceMs, login, refused } = needed;
  return seal(sealer, accountId, order, {
    needs_login: error,
    is_lost: isLost,
    since_ms: sinceMs,
    login,
    refused_term: refused.fence?.term,
    refused_sequence: refused.fence?.sequence,
    refused_cluster: refused.clusterId,
    issued_at_ms: refused.issuedAtMs,
  });
}

/** Reads a record's payload, which may come from any member; undefined for what is none or is sealed by others. */
export function readTokenRecord(sealer: Sealer, accountId: string, payload: unknown): TokenNews | undefined {
  const fields = open(sealer, accountId, payload);
  if (fields === undefined) return undefined;
  const order = { fence: readFence(fields['term'], fields['sequence']), clusterId: shortText(fields['cluster']) };
  if (typeof fields['needs_login'] === 'string') return { ...order, needsLogin: readMark(fields) };
  const token = readToken(order, fields);
  return token === undefined ? undefined : { ...order, token };
}

function seal(sealer: Sealer, accountId: string, { fence, clusterId }: RecordOrder, fields: object): object {
  const ordered = { ...fields, term: fence?.term, sequence: fence?.sequence, cluster: clusterId };
  const sealed = sealer.seal(purposeOf(accountId), Buffer.from(JSON.stringify(ordered)));
  return { sealed: Buffer.from(sealed).toString('base64') };
}

function open(sealer: Sealer, accountId: string, payload: unknown): JsonObject | undefined {
  const sealed = isJsonObject(payload) ? payload['sealed'] : undefined;
  if (typeof sealed !== 'string' || sealed.length > sealedLengthMax) return undefined;
  const opened = sealer.open(purposeOf(accountId), Buffer.from(sealed, 'base64'));
  return opened === undefined ? undefined : jsonObject(Buffer.from(opened));
}

function readMark(fields: JsonObject): NeedsLogin {
  const error = String(fields['needs_login']);
  return {
    error: /^[A-Za-z0-9_.-]{1,64}$/.test(error) ? error : 'refused',
    isLost: fields['is_lost'] === true,
    sinceMs: count(fields['since_ms']),
    login: shortText(fields['login']),
    refused: {
      fence: readFence(fields['refused_term'], fields['refused_sequence']),
      clusterId: shortText(fields['refused_cluster']),
      issuedAtMs: count(fields['issued_at_ms']),
    },
  };
}

function readToken(order: RecordOrder, fields: JsonObject): HeldToken | undefined {
  const { access, refresh, extras } = fields;
  if (typeof access !== 'string' || typeof refresh !== 'string') return undefined;
  return {
    ...order,
    access: new Secret(access),
    refresh: new Secret(refresh),
    extras: readExtras(extras),
    expiresAtMs: count(fields['expires_at_ms']),
    lifetimeMs: count(fields['lifetime_ms']),
    issuedAtMs: count(fields['issued_at_ms']),
    refreshedBy: shortText(fields['refreshed_by']) || undefined,
    roots: readRoots(fields['roots']),
  };
}

function readFence(term: unknown, sequence: unknown): Fence | undefined {
  return isCount(term) && isCount(sequence) ? { term, sequence } : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function purposeOf(accountId: string): string {
  return `token/${accountId}`;
}

function shortText(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 256) : '';
}

/** Times and durations in milliseconds; the bound is the last moment that a Date can hold. */
function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.min(value, 8_640_000_000_000_000) : 0;
}
