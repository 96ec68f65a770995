import { isJsonObject, type Json, type JsonObject, parseJsonObject } from '../../kit/json.ts';
import { Secret } from '../../kit/secret.ts';
import type { HeldToken } from './contract.ts';
import { accessForm, rootsMax } from './held-token.ts';
import { readMoment } from './refresh-answer.ts';

const hashForm = /^[0-9a-f]{64}$/;
const idForm = /^[\x20-\x7e]{1,256}$/;
const extrasMax = 16;

/**
 * The text of a token's file: `access_token`, `refresh_token` and `expires_at` as the Amazon Q proxy wrote them, so that
 * its files are read and it reads ours, and what this product knows beside them.
 */
export function encodeTokenFile(accountId: string, token: HeldToken): string {
  const fields: JsonObject = {
    account: accountId,
    access_token: token.access?.reveal() ?? null,
    refresh_token: token.refresh.reveal(),
    expires_at: new Date(token.expiresAtMs).toISOString(),
    issued_at: new Date(token.issuedAtMs).toISOString(),
    lifetime_ms: token.lifetimeMs,
    extras: { ...token.extras },
    roots: [...token.roots],
    term: token.fence?.term ?? null,
    sequence: token.fence?.sequence ?? null,
    cluster: token.clusterId,
    refreshed_by: token.refreshedBy ?? null,
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

/** Undefined for text that is no token file of this account. A file of another program has the first three fields only. */
export function decodeTokenFile(accountId: string, text: string): HeldToken | undefined {
  const fields = parseJsonObject(text);
  if (fields === undefined) return undefined;
  const owner = fields['account'] ?? accountId;
  const refresh = textOf(fields['refresh_token'], /^[\x20-\x7e]{1,65536}$/);
  if (owner !== accountId || refresh === undefined) return undefined;
  const access = textOf(fields['access_token'], accessForm);
  const expiresAtMs = readMoment(fields['expires_at']) ?? 0;
  const lifetimeMs = numberOf(fields['lifetime_ms']) ?? 0;
  const term = numberOf(fields['term']);
  const sequence = numberOf(fields['sequence']);
  return {
    access: access === undefined ? undefined : new Secret(access),
    refresh: new Secret(refresh),
    expiresAtMs,
    lifetimeMs,
    extras: readExtras(fields['extras']),
    roots: readRoots(fields['roots']),
    issuedAtMs: readMoment(fields['issued_at']) ?? 0,
    fence: term === undefined || sequence === undefined ? undefined : { term, sequence },
    clusterId: textOf(fields['cluster'], idForm) ?? '',
    refreshedBy: textOf(fields['refreshed_by'], idForm),
  };
}

export function readRoots(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.filter((root): root is string => typeof root === 'string' && hashForm.test(root)).slice(0, rootsMax);
}

export function readExtras(value: unknown): Record<string, string> {
  const extras: Record<string, string> = {};
  if (!isJsonObject(value)) return extras;
  for (const [name, text] of Object.entries(value).slice(0, extrasMax)) {
    if (/^[a-z_]{1,64}$/.test(name) && typeof text === 'string' && text.length <= 2_048) extras[name] = text;
  }
  return extras;
}

function textOf(value: Json | undefined, form: RegExp): string | undefined {
  return typeof value === 'string' && form.test(value) ? value : undefined;
}

function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}
