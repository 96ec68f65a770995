import { type Json, type JsonObject, parseJsonObject } from '../../kit/json.ts';
import { Secret } from '../../kit/secret.ts';
import type { TokenLogin } from '../providers/contract.ts';
import type { IssuedToken } from './contract.ts';
import { accessForm } from './held-token.ts';
import { camelCase } from './refresh-request.ts';

const refreshForm = /^[\x20-\x7e]{1,65536}$/;
/** Values kept beside the token are hosts and ARNs. */
const extraLengthMax = 2_048;

/** Shorter ones could not be refreshed in time, longer ones would never be. */
const lifetimeMsMin = 1_000;
const lifetimeMsMax = 365 * 86_400_000;

/** Smallest number that is read as milliseconds since 1970 and not as seconds: 1973 in one, the year 5138 in the other. */
const millisecondsFrom = 100_000_000_000;

/** A JSON object, or undefined for anything else. What it holds is not repeated anywhere. */
export function jsonObject(body: Buffer): JsonObject | undefined {
  return parseJsonObject(body.toString());
}

/** Reads what a login service issued, in either spelling; undefined when there is no usable access token in it. */
export function readIssued(answer: JsonObject, login: TokenLogin, nowMs: number): IssuedToken | undefined {
  const access = field(answer, 'access_token');
  if (typeof access !== 'string' || !accessForm.test(access)) return undefined;
  const refresh = field(answer, 'refresh_token') ?? undefined;
  if (refresh !== undefined && (typeof refresh !== 'string' || (refresh !== '' && !refreshForm.test(refresh))))
    return undefined;
  return {
    access: new Secret(access),
    refresh: refresh === undefined || refresh === '' ? undefined : new Secret(refresh),
    lifetimeMs: clamp(lifetimeOf(answer, nowMs) ?? login.lifetimeMs),
    extras: readExtras(answer, login.keeps ?? []),
  };
}

/** A moment as services write it: ISO 8601, seconds or milliseconds since 1970. Unix milliseconds. */
export function readMoment(value: Json | undefined): number | undefined {
  const number = readNumber(value);
  if (number !== undefined) return number >= millisecondsFrom ? number : number * 1_000;
  const parsed = typeof value === 'string' && value !== '' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
}

function lifetimeOf(answer: JsonObject, nowMs: number): number | undefined {
  const seconds = readNumber(field(answer, 'expires_in'));
  if (seconds !== undefined && seconds > 0) return seconds * 1_000;
  for (const name of ['expires_at', 'expiry_date', 'expired', 'expiry']) {
    const atMs = readMoment(field(answer, name));
    if (atMs !== undefined && atMs > nowMs) return atMs - nowMs;
  }
  return undefined;
}

function clamp(lifetimeMs: number): number {
  return Math.round(Math.min(lifetimeMsMax, Math.max(lifetimeMsMin, lifetimeMs)));
}

function readExtras(answer: JsonObject, names: readonly string[]): Record<string, string> {
  const extras: Record<string, string> = {};
  for (const name of names) {
    const value = field(answer, name);
    if (typeof value === 'string' && value !== '' && value.length <= extraLengthMax) extras[name] = value;
  }
  return extras;
}

function field(answer: JsonObject, name: string): Json | undefined {
  const spelling = Object.hasOwn(answer, name) ? name : camelCase(name);
  return Object.hasOwn(answer, spelling) ? (answer[spelling] ?? undefined) : undefined;
}

function readNumber(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  return typeof value === 'string' && /^\d{1,15}(?:\.\d{1,9})?$/.test(value) ? Number(value) : undefined;
}
