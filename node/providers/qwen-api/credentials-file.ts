import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { Secret } from '../../../kit/secret.ts';
import type { TokenLogin } from '../contract.ts';
import { providerFaults } from '../faults.ts';

/**
 * Reads a credentials file: Qwen Code's own (`expiry_date` in milliseconds), CLIProxyAPI's (`expired`, RFC 3339), a raw
 * answer of the login service (no usable expiry: its access token counts as ended), or aiproxy's form with only a
 * `refresh_token`. Throws a config Fault that names the file.
 */
export function readCredentials(text: string, path: string): Pick<TokenLogin, 'refreshToken' | 'issued'> {
  const file = parse(text, path);
  const refresh = file['refresh_token'];
  if (typeof refresh !== 'string' || refresh === '') throw unusable(path, 'has no refresh_token');
  const refreshToken = new Secret(refresh);
  const access = file['access_token'];
  const expiresAtMs = expiryOf(file);
  if (typeof access !== 'string' || access === '' || expiresAtMs === undefined) return { refreshToken };
  const extras = resourceOf(file);
  return { refreshToken, issued: { accessToken: new Secret(access), expiresAtMs, ...extras } };
}

function parse(text: string, path: string): JsonObject {
  let parsed: Json;
  try {
    parsed = JSON.parse(text) as Json;
  } catch {
    // The parser's own message quotes the file, which holds secrets.
    throw unusable(path, 'is not JSON');
  }
  if (!isJsonObject(parsed)) throw unusable(path, 'must hold a JSON object');
  return parsed;
}

function expiryOf(file: JsonObject): number | undefined {
  const { expiry_date: date, expired } = file;
  if (typeof date === 'number' && Number.isFinite(date) && date > 0) return date;
  const atMs = typeof expired === 'string' ? Date.parse(expired) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}

function resourceOf({ resource_url: url }: JsonObject): { extras?: Record<string, string> } {
  return typeof url === 'string' && url !== '' ? { extras: { resource_url: url } } : {};
}

function unusable(path: string, what: string) {
  return providerFaults.credential_unusable(`creds_file: ${path} ${what}`, { field: 'creds_file' });
}
