import type { AccountBase, CredentialFiles, TokenLogin } from '../contract.ts';
import type { FiledLogin } from '../filed-login.ts';
import type { QwenCredential } from './credential.ts';
import { readCredentials } from './credentials-file.ts';

/** Qwen Code's public OAuth client, which has no secret (QwenLM/qwen-code: qwenOAuth2.ts). */
export const publicClientId = 'f0304373b74a44d2b584a3fb70ca9e56';

export const loginOrigin = 'https://chat.qwen.ai';
export const tokenPath = '/api/v1/oauth2/token';

/** Where an answer names no lifetime; 21600 s were seen. */
const lifetimeMs = 3_600_000;

/** Undefined for an account with a key. */
export function qwenLogin(account: AccountBase & QwenCredential, files: CredentialFiles): TokenLogin | undefined {
  if (account.api_key !== undefined) return undefined;
  const { refreshToken, issued } = credentialsOf(account, files);
  return {
    refreshToken,
    ...(issued === undefined ? {} : { issued }),
    ...(account.creds_file === undefined ? {} : { reread: () => qwenLogin(account, files) }),
    url: account.token_url ?? loginOrigin + tokenPath,
    encoding: 'form',
    naming: 'snake',
    fields: { grant_type: 'refresh_token', client_id: account.client_id ?? publicClientId },
    lifetimeMs,
    keeps: ['resource_url'],
    // "Invalid refresh token or client_id" comes as `invalid_request` (router-for-me/CLIProxyAPI#2718).
    finalErrors: ['invalid_request'],
  };
}

function credentialsOf(account: QwenCredential, files: CredentialFiles): FiledLogin {
  if (account.refresh_token !== undefined) return { refreshToken: account.refresh_token };
  return readCredentials(files.read('creds_file', account.creds_file ?? ''), account.creds_file ?? '');
}
