/** Header lists of an account: flat, name, value, name, value …, names in lower case. */
import type { Secret } from '../../kit/secret.ts';
import { clientHeadersToForward } from '../wire/hop-by-hop.ts';

/** What an account sends with every request, before its credential: no user agent of a client, and its own headers. */
export function ownHeaders(
  credential: readonly (readonly [string, string])[],
  headers: Readonly<Record<string, string>>,
): Map<string, string> {
  const own = new Map([['user-agent', 'aiproxy'], ...credential]);
  for (const [name, value] of Object.entries(headers)) own.set(name.toLowerCase(), value);
  return own;
}

/** The account's headers as a JSON body, an event stream or no body at all wants them. */
export function preparedHeaders(own: ReadonlyMap<string, string>) {
  const typed: [string, string] = ['content-type', 'application/json'];
  return {
    json: flatHeaders([typed, ['accept', 'application/json'], ...own]),
    stream: flatHeaders([typed, ['accept', 'text/event-stream'], ...own]),
    get: flatHeaders([['accept', 'application/json'], ...own]),
  } as const;
}

/** What a provider may see of a client's headers, less those that the account has itself. */
export function transparentHeaders(headers: readonly string[], own: ReadonlyMap<string, string>): string[] {
  const passed = clientHeadersToForward(headers);
  const kept: string[] = [];
  for (let position = 0; position + 1 < passed.length; position += 2) {
    const name = passed[position]!;
    if (!own.has(name)) kept.push(name, passed[position + 1]!);
  }
  return kept;
}

/** The last of several headers with one name counts. */
export function flatHeaders(pairs: readonly (readonly [string, string])[]): string[] {
  return [...new Map(pairs)].flat();
}

/** The key in the clear, '' where there is none. */
export function keyText(key: Secret | undefined): string {
  return key?.reveal() ?? '';
}
