import { Secret } from '../../kit/secret.ts';
import type { TokenLogin } from '../providers/contract.ts';

/** The body and headers that ask for a new token. The body holds secrets: it goes on the wire and nowhere else. */
export function refreshRequest(login: TokenLogin, refresh: Secret): { headers: string[]; body: string } {
  const fields = Object.entries({ ...login.fields, refresh_token: refresh }).map(([name, value]): [string, string] => [
    login.naming === 'camel' ? camelCase(name) : name,
    value instanceof Secret ? value.reveal() : value,
  ]);
  const isForm = login.encoding === 'form';
  const contentType = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
  return {
    headers: ['content-type', contentType, 'accept', 'application/json', ...(login.headers ?? [])],
    body: isForm ? new URLSearchParams(fields).toString() : JSON.stringify(Object.fromEntries(fields)),
  };
}

/** `refresh_token` to `refreshToken`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
