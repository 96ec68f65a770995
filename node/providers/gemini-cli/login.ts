import { isJsonObject } from '../../../kit/json.ts';
import type { AccountBase, CredentialFiles, TokenLogin } from '../contract.ts';
import { type FiledLogin, filedLogin, openCredentialsFile } from '../filed-login.ts';
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
    const what = 'client_secret: is needed to refresh the login; it stands in the source of Gemini CLI';
    throw providerFaults.credential_unusable(what, { field: 'client_secret' });
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

function credentialsOf(account: GeminiCredential, files: CredentialFiles): FiledLogin {
  if (account.refresh_token !== undefined) return { refreshToken: account.refresh_token };
  const path = account.creds_file ?? '';
  return readCredentials(files.read('creds_file', path), path);
}

/**
 * Gemini CLI's `oauth_creds.json` (`expiry_date` in milliseconds), or CLIProxyAPI's, which nests the same under `token`
 * with `expiry` as RFC 3339. Throws a config Fault that names the file.
 */
export function readCredentials(text: string, path: string): FiledLogin {
  const file = openCredentialsFile(text, path);
  return filedLogin(isJsonObject(file['token']) ? file['token'] : file, path, 'expiry');
}
