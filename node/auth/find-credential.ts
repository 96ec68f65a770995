import type { IncomingHttpHeaders } from 'node:http';
import type { CredentialPlaces, CredentialVerifier, Principal } from './contract.ts';
import { authFaults } from './faults.ts';

export type { CredentialPlaces } from './contract.ts';

/** Longest credential that is looked at, characters. A JWT with all permissions is under 2 KB; past 4 KB it is noise. */
export const credentialLengthMax = 4096;

/** OpenAI and most others, Anthropic, Google, Azure; Google again by query. */
export const defaultCredentialPlaces: CredentialPlaces = {
  headers: ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'],
  query: ['key'],
};

/** A browser's WebSocket cannot set headers, so its key may stand in `?token=`. */
export const webSocketCredentialPlaces: CredentialPlaces = {
  headers: defaultCredentialPlaces.headers,
  query: ['token', 'key'],
};

/**
 * The caller of a request. Several credentials may be present (an SDK's placeholder in one header, the real key in
 * another): the first that is known counts. One that can be learned is not passed over, or the same request would count
 * as another caller's before that and after. `url` is the request target as it came.
 * Throws `missing_credential` or `bad_credential` (both 401).
 */
export function authenticate(
  verifier: CredentialVerifier,
  headers: IncomingHttpHeaders,
  url: string,
  places: CredentialPlaces = defaultCredentialPlaces,
): Principal {
  let hasCredential = false;
  for (const name of places.headers) {
    const value = headers[name];
    if (typeof value !== 'string') continue;
    const credential = name === 'authorization' ? bearerOf(value) : value.trim();
    if (credential === '') continue;
    hasCredential = true;
    const principal = knownNow(verifier, credential);
    if (principal !== undefined) return principal;
  }
  const fromQuery = principalOfQuery(verifier, url, places.query);
  if (fromQuery.principal !== undefined) return fromQuery.principal;
  throw hasCredential || fromQuery.hasCredential ? badCredential() : missingCredential();
}

/**
 * For a request that `authenticate` refused: a promise after which it is worth asking again, because one of the request's
 * credentials is a signed token that was not looked at before; undefined where waiting changes nothing. Never rejects.
 */
export function learnCredential(
  verifier: CredentialVerifier,
  headers: IncomingHttpHeaders,
  url: string,
  places: CredentialPlaces = defaultCredentialPlaces,
): Promise<void> | undefined {
  const learning = credentialsIn(headers, url, places).flatMap((credential) => verifier.learn(credential) ?? []);
  return learning.length > 1 ? Promise.all(learning).then(() => undefined) : learning[0];
}

function credentialsIn(headers: IncomingHttpHeaders, url: string, places: CredentialPlaces): string[] {
  const inHeaders = places.headers.map((name) => {
    const value = headers[name];
    if (typeof value !== 'string') return '';
    return name === 'authorization' ? bearerOf(value) : value.trim();
  });
  const mark = url.indexOf('?');
  const inQuery = mark < 0 ? [] : places.query.map((name) => queryValue(url, mark + 1, name));
  return [...inHeaders, ...inQuery].filter((credential) => credential !== '');
}

/** The token of `Bearer TOKEN` (any case); '' for other schemes. */
function bearerOf(value: string): string {
  if (value.length < 8 || value.charCodeAt(6) !== 0x20) return '';
  // Nearly every client writes it so; the comparison spares the allocation of a lower-cased copy.
  if (!value.startsWith('Bearer') && value.slice(0, 6).toLowerCase() !== 'bearer') return '';
  return value.slice(7).trim();
}

function principalOfQuery(
  verifier: CredentialVerifier,
  url: string,
  names: readonly string[],
): { principal: Principal | undefined; hasCredential: boolean } {
  const mark = url.indexOf('?');
  if (mark < 0) return { principal: undefined, hasCredential: false };
  let hasCredential = false;
  for (const name of names) {
    const credential = queryValue(url, mark + 1, name);
    if (credential === '') continue;
    hasCredential = true;
    const principal = knownNow(verifier, credential);
    if (principal !== undefined) return { principal, hasCredential };
  }
  return { principal: undefined, hasCredential };
}

/** Undefined for a credential that is not good; throws `bad_credential` for one that has to be learned first. */
function knownNow(verifier: CredentialVerifier, credential: string): Principal | undefined {
  const principal = verifier.verify(credential);
  if (principal === undefined && verifier.learn(credential) !== undefined) throw badCredential();
  return principal;
}

/** First value of a query parameter, percent-decoded; '' when absent, too long or badly encoded. */
function queryValue(url: string, queryStart: number, name: string): string {
  let start = queryStart;
  while (start < url.length) {
    const ampersand = url.indexOf('&', start);
    const end = ampersand < 0 ? url.length : ampersand;
    const valueStart = start + name.length + 1;
    if (valueStart <= end && url.startsWith(name, start) && url.charCodeAt(valueStart - 1) === 0x3d) {
      return decodeComponent(url.slice(valueStart, end));
    }
    start = end + 1;
  }
  return '';
}

function decodeComponent(text: string): string {
  // Percent-encoding at most triples the length.
  if (text.length > credentialLengthMax * 3) return '';
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded text, so no key of ours: counts as absent.
    return '';
  }
}

function missingCredential(): Error {
  return authFaults.missing_credential(
    'no API key: send it as "Authorization: Bearer KEY" or in x-api-key, x-goog-api-key, api-key or ?key=',
  );
}

function badCredential(): Error {
  return authFaults.bad_credential('this API key is not known here');
}
