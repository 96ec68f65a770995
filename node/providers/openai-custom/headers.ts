import type { OpenaiCustomCredential } from './credential.ts';

/** Headers of one account, made once: flat lists, name, value, name, value … */
export interface AccountHeaders {
  /** For answers as one JSON body. */
  readonly json: readonly string[];
  /** For answers as a stream. */
  readonly stream: readonly string[];
  /** For calls without a body. */
  readonly get: readonly string[];
  /** What identifies the account, and nothing else: for the transparent route. */
  readonly own: readonly string[];
}

export function accountHeaders(credential: OpenaiCustomCredential): AccountHeaders {
  const own = ownHeaders(credential);
  const typed: [string, string] = ['content-type', 'application/json'];
  return {
    json: flat([typed, ['accept', 'application/json'], ...own]),
    stream: flat([typed, ['accept', 'text/event-stream'], ...own]),
    get: flat([['accept', 'application/json'], ...own]),
    own: flat([...own]),
  };
}

/** The account's own headers replace ours of the same name (Azure: `api-key` beside or instead of `authorization`). */
function ownHeaders({ api_key, organization, project, headers }: OpenaiCustomCredential): Map<string, string> {
  const own = new Map([['user-agent', 'aiproxy']]);
  if (api_key !== undefined && !api_key.isEmpty) own.set('authorization', `Bearer ${api_key.reveal()}`);
  if (organization !== undefined) own.set('openai-organization', organization);
  if (project !== undefined) own.set('openai-project', project);
  for (const [name, value] of Object.entries(headers)) own.set(name.toLowerCase(), value);
  return own;
}

/** The last of several headers with one name counts. */
function flat(pairs: readonly (readonly [string, string])[]): string[] {
  return [...new Map(pairs)].flat();
}
