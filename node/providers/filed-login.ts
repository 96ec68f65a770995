import type { Fault } from '../../kit/fault.ts';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../kit/json.ts';
import { Secret } from '../../kit/secret.ts';
import type { TokenLogin } from './contract.ts';
import { providerFaults } from './faults.ts';

export type FiledLogin = Pick<TokenLogin, 'refreshToken' | 'issued'>;

/** What is in a file that `creds_file` names. Throws a config Fault that names the file, and quotes nothing of it. */
export function openCredentialsFile(text: string, path: string): JsonObject {
  const parsed = parseJson(text);
  if (parsed === undefined) throw unusable(path, 'is not JSON');
  if (!isJsonObject(parsed)) throw unusable(path, 'must hold a JSON object');
  return parsed;
}

/**
 * The tokens in such a file; `expiry` is its member with an RFC 3339 time, beside `expiry_date` in milliseconds. Without
 * either the access token counts as ended. Throws a config Fault where there is no refresh token.
 */
export function filedLogin(tokens: JsonObject, path: string, expiry: string): FiledLogin {
  const { refresh_token: refresh, access_token: access } = tokens;
  if (typeof refresh !== 'string' || refresh === '') throw unusable(path, 'has no refresh_token');
  const refreshToken = new Secret(refresh);
  const expiresAtMs = expiryOf(tokens['expiry_date'], tokens[expiry]);
  if (typeof access !== 'string' || access === '' || expiresAtMs === undefined) return { refreshToken };
  return { refreshToken, issued: { accessToken: new Secret(access), expiresAtMs } };
}

function expiryOf(date: Json | undefined, written: Json | undefined): number | undefined {
  if (typeof date === 'number' && Number.isFinite(date) && date > 0) return date;
  const atMs = typeof written === 'string' ? Date.parse(written) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}

function unusable(path: string, what: string): Fault {
  return providerFaults.credential_unusable(`creds_file: ${path} ${what}`, { field: 'creds_file' });
}
