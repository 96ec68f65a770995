import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Pair } from './oauth-families.ts';

/**
 * What the next request meets. The first group answers without looking at the token; `…-after-spending` means that the
 * token is used up and the next one never arrives.
 */
export type IssuerBehaviour =
  | '500'
  | '503'
  | '429'
  | 'slow_down'
  | 'invalid_client'
  | 'invalid_request'
  | 'html'
  | 'redirect'
  | 'drop-before-spending'
  | 'drop-after-spending'
  | '502-after-spending'
  | 'malformed-after-spending'
  | 'huge-after-spending'
  | 'omit-refresh'
  | 'omit-lifetime'
  /** Spends at once and answers when `release()` is called. */
  | 'hold';

export interface IssuerAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The one that every social login has. */
export const socialProfileArn = 'arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE12345';

/** A request for a token. */
export interface Fields {
  grantType: string;
  clientId: string;
  clientSecret: string;
  refreshToken: string;
  isCamel: boolean;
  /** Asked at Kiro's own service. */
  isSocial: boolean;
}

/** Undefined for what is no request for a token, in method, path, type or spelling. */
export function readFields(request: IncomingMessage, text: string): Fields | undefined {
  const isSocial = request.url === '/refreshToken';
  if (request.method !== 'POST' || (request.url !== '/token' && !isSocial)) return undefined;
  const type = request.headers['content-type'] ?? '';
  const isCamel = type.startsWith('application/json');
  if (!isCamel && !type.startsWith('application/x-www-form-urlencoded')) return undefined;
  const given = isCamel ? parseJson(text) : Object.fromEntries(new URLSearchParams(text));
  const names = isCamel
    ? (['grantType', 'clientId', 'clientSecret', 'refreshToken'] as const)
    : (['grant_type', 'client_id', 'client_secret', 'refresh_token'] as const);
  const [grantType = isSocial ? 'refresh_token' : undefined, id, secret, refreshToken] = names.map(
    (name) => given[name],
  );
  if (typeof grantType !== 'string' || typeof refreshToken !== 'string' || (isSocial && !isCamel)) return undefined;
  return { grantType, clientId: String(id), clientSecret: String(secret), refreshToken, isCamel, isSocial };
}

function parseJson(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** What answers without a look at the token. */
export const refusals: Partial<Record<IssuerBehaviour, (response: ServerResponse) => void>> = {
  '500': (response) => send(response, 500, 'application/json', '{"message":"Internal failure"}'),
  '503': (response) => send(response, 503, 'text/html', '<h1>Service Unavailable</h1>'),
  '429': (response) => {
    response.setHeader('retry-after', '1');
    send(response, 429, 'application/json', '{"message":"Rate exceeded"}');
  },
  slow_down: (response) => refuse(response, 400, 'slow_down'),
  invalid_client: (response) => refuse(response, 401, 'invalid_client'),
  invalid_request: (response) => refuse(response, 400, 'invalid_request'),
  html: (response) => send(response, 200, 'text/html', '<html>Sign in to the network</html>'),
  redirect: (response) => {
    response.setHeader('location', '/token');
    send(response, 307, 'text/plain', '');
  },
  'drop-before-spending': (response) => void response.socket?.destroy(),
};

export interface Manner {
  behaviour: IssuerBehaviour | undefined;
  rotates: boolean;
  lifetime: number;
}

export function sendPair(response: ServerResponse, pair: Pair, { isCamel, isSocial }: Fields, manner: Manner): void {
  const { behaviour, rotates, lifetime } = manner;
  if (behaviour === 'drop-after-spending') return void response.socket?.destroy();
  if (behaviour === '502-after-spending') return send(response, 502, 'text/html', '<h1>Bad Gateway</h1>');
  if (behaviour === 'malformed-after-spending') return send(response, 200, 'application/json', '{"accessToken":');
  if (behaviour === 'huge-after-spending') return send(response, 200, 'application/json', 'x'.repeat(4_000_000));
  const fields: Record<string, unknown> = { accessToken: pair.accessToken };
  if (isSocial) fields['profileArn'] = socialProfileArn;
  else fields['tokenType'] = 'Bearer';
  if (rotates) fields['refreshToken'] = pair.refreshToken;
  if (behaviour !== 'omit-lifetime') fields['expiresIn'] = lifetime;
  const spelled = isCamel
    ? fields
    : Object.fromEntries(Object.entries(fields).map(([key, value]) => [snake(key), value]));
  send(response, 200, 'application/json', JSON.stringify(spelled));
}

/** A dead refresh token: 400 at OIDC, 401 at Kiro's own service, whose words nobody has recorded. */
export function refuseGrant(response: ServerResponse, { isSocial }: Fields): void {
  if (isSocial) send(response, 401, 'application/json', '{"message":"Unauthorized"}');
  else refuse(response, 400, 'invalid_grant');
}

export function sendOther(response: ServerResponse, { status, headers, body }: IssuerAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function refuse(response: ServerResponse, status: number, error: string): void {
  send(
    response,
    status,
    'application/json',
    JSON.stringify({ error, error_description: `the request was refused: ${error}` }),
  );
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}
