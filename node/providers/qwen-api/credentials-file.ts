import type { JsonObject } from '../../../kit/json.ts';
import { type FiledLogin, filedLogin, openCredentialsFile } from '../filed-login.ts';

/**
 * Reads a credentials file: Qwen Code's own (`expiry_date` in milliseconds), CLIProxyAPI's (`expired`, RFC 3339), a raw
 * answer of the login service (no usable expiry: its access token counts as ended), or aiproxy's form with only a
 * `refresh_token`. Throws a config Fault that names the file.
 */
export function readCredentials(text: string, path: string): FiledLogin {
  const file = openCredentialsFile(text, path);
  const { refreshToken, issued } = filedLogin(file, path, 'expired');
  return issued === undefined ? { refreshToken } : { refreshToken, issued: { ...issued, ...resourceOf(file) } };
}

function resourceOf({ resource_url: url }: JsonObject): { extras?: Record<string, string> } {
  return typeof url === 'string' && url !== '' ? { extras: { resource_url: url } } : {};
}
