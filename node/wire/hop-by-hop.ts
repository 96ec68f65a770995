/**
 * What of a message's headers may go on to the next hop. Towards a provider that is a short list of what may pass, not
 * of what may not: whatever a browser, SDK or other proxy adds tomorrow must not tell the provider who the client is.
 */
import type { WireHeaders } from './contract.ts';

/** Headers that say something about the request and nothing about who makes it. */
const clientHeaders: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'content-encoding',
  'content-type',
  'content-disposition',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'prefer',
  'range',
  // The protocols' own.
  'anthropic-beta',
  'anthropic-version',
  'openai-beta',
  'x-amz-target',
  'x-goog-fieldmask',
]);

/** Families of the protocols' own headers: file uploads at Google, streaming and asynchronous calls at DashScope. */
const clientHeaderFamilies: readonly string[] = ['x-goog-upload-', 'x-dashscope-'];

/** Between two neighbours only (RFC 9110, section 7.6.1), and what frames a message. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** What an upstream says to its direct client, or about the account: nothing for the client behind the node. */
const upstreamOnly: ReadonlySet<string> = new Set([
  'alt-svc',
  'anthropic-organization-id',
  'content-security-policy',
  'nel',
  'openai-organization',
  'openai-project',
  'report-to',
  'reporting-endpoints',
  'server',
  'set-cookie',
  'set-cookie2',
  'strict-transport-security',
  'via',
  'x-powered-by',
  // The node sets its own.
  'x-request-id',
]);
const upstreamOnlyFamilies: readonly string[] = [
  'access-control-',
  'cf-',
  'x-aiproxy-',
  'x-envoy-',
  // How much is left to the account, which is not what is left to the client.
  'anthropic-ratelimit-',
  'ratelimit',
  'x-ratelimit-',
];

/**
 * A client's headers that a provider may see. Both lists flat: name, value, name, value …; names in lower case.
 * `keyHeaders`: where clients put their key here, which goes nowhere whatever the header is else for.
 */
export function clientHeadersToForward(rawHeaders: readonly string[], keyHeaders: readonly string[] = []): string[] {
  const named = connectionNames(rawHeaders);
  const kept: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    if (mayReachProvider(name) && !named.has(name) && !keyHeaders.includes(name))
      kept.push(name, rawHeaders[index + 1]!);
  }
  return kept;
}

function mayReachProvider(name: string): boolean {
  return clientHeaders.has(name) || clientHeaderFamilies.some((family) => name.startsWith(family));
}

/** An upstream's headers that the client may see. Flat list. */
export function upstreamHeadersToForward(headers: WireHeaders): string[] {
  const named = connectionNames(['connection', String(headers['connection'] ?? '')]);
  const kept: string[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || !mayReachClient(name) || named.has(name)) continue;
    if (typeof value === 'string') kept.push(name, value);
    else for (const one of value) kept.push(name, one);
  }
  return kept;
}

function mayReachClient(name: string): boolean {
  if (hopByHop.has(name) || upstreamOnly.has(name)) return false;
  return !upstreamOnlyFamilies.some((family) => name.startsWith(family));
}

/** Headers that a Connection header names are between two neighbours as well. */
function connectionNames(rawHeaders: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]!.toLowerCase() !== 'connection') continue;
    for (const name of rawHeaders[index + 1]!.split(',')) names.add(name.trim().toLowerCase());
  }
  return names;
}

/** Query parameters in which clients carry the key of the node. */
const keyParameters: ReadonlySet<string> = new Set(['key', 'api_key', 'api-key', 'apikey', 'token', 'access_token']);

/**
 * A query (without `?`) less the client's keys; everything else stays as it was written. `keyNames`: further parameters
 * in which clients carry their key.
 */
export function withoutKeys(query: string, keyNames: readonly string[] = []): string {
  if (query === '') return '';
  return query
    .split('&')
    .filter((pair) => {
      const name = parameterName(pair);
      return !keyParameters.has(name) && !keyNames.some((keyName) => keyName.toLowerCase() === name);
    })
    .join('&');
}

function parameterName(pair: string): string {
  const mark = pair.indexOf('=');
  const name = (mark === -1 ? pair : pair.slice(0, mark)).replaceAll('+', ' ');
  try {
    return decodeURIComponent(name).trim().toLowerCase();
  } catch {
    // Broken escapes cannot spell a name of ours.
    return name;
  }
}
