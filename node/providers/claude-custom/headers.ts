import type { ClaudeCustomCredential } from './credential.ts';

/** Anthropic takes OAuth tokens only together with this beta. */
const oauthBeta = 'oauth-2025-04-20';

/** Headers of one account, prepared once: flat lists, name, value, name, value … */
export class AccountHeaders {
  /** What identifies the account, without version and betas. */
  readonly #own: ReadonlyMap<string, string>;
  readonly #version: string;
  readonly #betas: readonly string[];
  readonly #json: readonly string[];
  readonly #stream: readonly string[];
  readonly #get: readonly string[];

  constructor(credential: ClaudeCustomCredential) {
    const own = ownHeaders(credential);
    // Written by hand they count as the account's settings of the same meaning.
    this.#version = own.get('anthropic-version') ?? credential.anthropic_version;
    this.#betas = betasOf(credential, own.get('anthropic-beta'));
    own.delete('anthropic-version');
    own.delete('anthropic-beta');
    this.#own = own;
    this.#json = flat([['content-type', 'application/json'], ['accept', 'application/json'], ...own]);
    this.#stream = flat([['content-type', 'application/json'], ['accept', 'text/event-stream'], ...own]);
    this.#get = flat([['accept', 'application/json'], ...own]);
  }

  /** For a request of ours, or a client's whose protocol headers (flat) are kept. */
  post(isStream: boolean, protocolHeaders: readonly string[] = []): string[] {
    return this.#withProtocol(isStream ? this.#stream : this.#json, protocolHeaders);
  }

  get(): string[] {
    return this.#withProtocol(this.#get, []);
  }

  /** For the transparent route: the client's headers, less its credentials, with the account's in their place. */
  through(headers: readonly string[]): string[] {
    const kept: string[] = [];
    const protocol: string[] = [];
    for (let index = 0; index + 1 < headers.length; index += 2) {
      const name = headers[index]!.toLowerCase();
      if (name === 'anthropic-version' || name === 'anthropic-beta') protocol.push(name, headers[index + 1]!);
      else if (!clientIdentity.has(name) && !this.#own.has(name)) kept.push(name, headers[index + 1]!);
    }
    return this.#withProtocol([...kept, ...[...this.#own].flat()], protocol);
  }

  #withProtocol(headers: readonly string[], protocolHeaders: readonly string[]): string[] {
    let version = this.#version;
    let betas = this.#betas;
    for (let index = 0; index + 1 < protocolHeaders.length; index += 2) {
      const name = protocolHeaders[index]!.toLowerCase();
      const value = protocolHeaders[index + 1]!;
      if (name === 'anthropic-version') version = value;
      else if (name === 'anthropic-beta') betas = joined(betas, value);
    }
    const all = [...headers, 'anthropic-version', version];
    if (betas.length > 0) all.push('anthropic-beta', betas.join(','));
    return all;
  }
}

/** Never the upstream's business, whatever lets them come this far. */
const clientIdentity: ReadonlySet<string> = new Set([
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'cookie',
  'user-agent',
]);

function ownHeaders({ api_key, auth, headers }: ClaudeCustomCredential): Map<string, string> {
  const own = new Map([['user-agent', 'aiproxy']]);
  const key = api_key?.reveal() ?? '';
  if (key !== '') {
    const isBearer = auth === undefined ? isOauthToken(key) : auth === 'bearer';
    own.set(isBearer ? 'authorization' : 'x-api-key', isBearer ? `Bearer ${key}` : key);
  }
  for (const [name, value] of Object.entries(headers)) own.set(name.toLowerCase(), value);
  return own;
}

function betasOf({ api_key, beta }: ClaudeCustomCredential, byHand: string | undefined): string[] {
  const isOauth = isOauthToken(api_key?.reveal() ?? '');
  return joined(isOauth ? [oauthBeta, ...beta] : beta, byHand ?? '');
}

function isOauthToken(key: string): boolean {
  return key.startsWith('sk-ant-oat');
}

/** The betas and those of a header's value, each once. */
function joined(betas: readonly string[], value: string): string[] {
  const added = value.split(',').map((beta) => beta.trim());
  return [...new Set([...betas, ...added])].filter((beta) => beta !== '');
}

/** The last of several headers with one name counts. */
function flat(pairs: readonly (readonly [string, string])[]): string[] {
  return [...new Map(pairs)].flat();
}
