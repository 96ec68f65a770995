import { flatHeaders, keyText, ownHeaders, preparedHeaders, transparentHeaders } from '../account-headers.ts';
import type { OpenaiCustomCredential } from './credential.ts';

/** Headers of one account, made once: flat lists, name, value, name, value … */
export interface AccountHeaders {
  /** For answers as one JSON body. */
  readonly json: readonly string[];
  /** For answers as a stream. */
  readonly stream: readonly string[];
  /** For calls without a body. */
  readonly get: readonly string[];
  /** For the transparent route: a client's headers with the account's in place of its credentials. */
  through(headers: readonly string[]): string[];
}

/** The account's own headers replace ours of the same name (Azure: `api-key` beside or instead of `authorization`). */
export function accountHeaders({ api_key, organization, project, headers }: OpenaiCustomCredential): AccountHeaders {
  const key = keyText(api_key);
  const credential: [string, string][] = [];
  if (key !== '') credential.push(['authorization', `Bearer ${key}`]);
  if (organization !== undefined) credential.push(['openai-organization', organization]);
  if (project !== undefined) credential.push(['openai-project', project]);
  const own = ownHeaders(credential, headers);
  const flat = flatHeaders([...own]);
  return { ...preparedHeaders(own), through: (given) => [...transparentHeaders(given, own), ...flat] };
}
