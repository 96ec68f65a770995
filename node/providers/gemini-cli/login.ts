import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { Secret } from '../../../kit/secret.ts';
import type { AccountBase, CredentialFiles, TokenLogin } from '../contract.ts';
import { providerFaults } from '../faults.ts';
import type { GeminiCredential } from './credential.ts';

/** Gemini CLI's installed-app client (google-gemini/gemini-cli: code_assist/oauth2.ts). Its secret is the account's to give. */
export const publicClientId = '681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com';

export const tokenUrl = 'https://oauth2.googleapis.com/token';

/** Where an answer names no lifetime. */
const lifetimeMs = 3_600_000;

/** Undefined for an account with a key. */
export function geminiLogin(account: AccountBase & GeminiCredential, files: CredentialFiles): TokenLogin | undefined {
  if (account.api_key !== undefined) return undefined;
  const { client_secret } = account;
  if (client_secret === undefined) {
    throw unusable('client_secret', 'is needed to refresh the login; it stands in the source of Gemini CLI');
  }
  const credentials = credentialsOf(account, files);
  return {
    ...credentials,
    ...(account.creds_file === undefined ? {} : { reread: () => geminiLogin(account, files) }),
    url: account.token_url ?? tokenUrl,
    encoding: 'form',
    naming: 'snake',
    fields: { grant_type: 'refresh_token', client_id: account.client_id ?? publicClientId, client_secret },
    lifetimeMs,
  };
}

function credentialsOf(account: GeminiCredential, files: CredentialFiles): Pick<TokenLogin, 'refreshToken' | 'issued'> {
  if (account.refresh_token !== undefined) return { refreshToken: account.refresh_token };
  const path = account.creds_file ?? '';
  return readCredentials(files.read('creds_file', path), path);
}

/**
 * Gemini CLI's `oauth_creds.json` (`expiry_date` in milliseconds), or CLIProxyAPI's, which nests the same under `token`
 * with `expiry` as RFC 3339. Throws a config Fault that names the file.
 */
export function readCredentials(text: string, path: string): Pick<TokenLogin, 'refreshToken' | 'issued'> {
  const file = parse(text, path);
  const token = isJsonObject(file['token']) ? file['token'] : file;
  const { refresh_token: refresh, access_token: access } = token;
  if (typeof refresh !== 'string' || refresh === '') throw unusable('creds_file', `${path} has no refresh_token`);
  const refreshToken = new Secret(refresh);
  const expiresAtMs = expiryOf(token);
  if (typeof access !== 'string' || access === '' || expiresAtMs === undefined) return { refreshToken };
  return { refreshToken, issued: { accessToken: new Secret(access), expiresAtMs } };
}

function parse(text: string, path: string): JsonObject {
  let parsed: Json;
  try {
    parsed = JSON.parse(text) as Json;
  } catch {
    // The parser's own message quotes the file, which holds secrets.
    throw unusable('creds_file', `${path} is not JSON`);
  }
  if (!isJsonObject(parsed)) throw unusable('creds_file', `${path} must hold a JSON object`);
  return parsed;
}

function expiryOf({ expiry_date: date, expiry }: JsonObject): number | undefined {
  if (typeof date === 'number' && Number.isFinite(date) && date > 0) return date;
  const atMs = typeof expiry === 'string' ? Date.parse(expiry) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}

function unusable(field: string, what: string) {
  return providerFaults.credential_unusable(`${field}: ${what}`, { field });
}
