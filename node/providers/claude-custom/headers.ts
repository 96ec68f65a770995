import { keyText, ownHeaders, preparedHeaders, transparentHeaders } from '../account-headers.ts';
import type { ClaudeCustomCredential } from './credential.ts';

/** Anthropic takes OAuth tokens only together with this beta. */
const oauthBeta = 'oauth-2025-04-20';

/** Headers of one account, prepared once: flat lists, name, value, name, value … */
export class AccountHeaders {
  /** What identifies the account, without version and betas. */
  readonly #own: ReadonlyMap<string, string>;
  readonly #version: string;
  readonly #betas: readonly string[];
  readonly #prepared: ReturnType<typeof preparedHeaders>;

  constructor(credential: ClaudeCustomCredential) {
    const own = ownHeaders(credentialHeaders(credential), credential.headers);
    // Written by hand they count as the account's settings of the same meaning.
    this.#version = own.get('anthropic-version') ?? credential.anthropic_version;
    this.#betas = betasOf(credential, own.get('anthropic-beta'));
    own.delete('anthropic-version');
    own.delete('anthropic-beta');
    this.#own = own;
    this.#prepared = preparedHeaders(own);
  }

  /** For a request of ours, or a client's whose protocol headers (flat) are kept. */
  post(isStream: boolean, protocolHeaders: readonly string[] = []): string[] {
    return this.#withProtocol(isStream ? this.#prepared.stream : this.#prepared.json, protocolHeaders);
  }

  get(): string[] {
    return this.#withProtocol(this.#prepared.get, []);
  }

  /** For the transparent route: the client's headers, less its credentials, with the account's in their place. */
  through(headers: readonly string[]): string[] {
    const passed = transparentHeaders(headers, this.#own);
    const kept: string[] = [];
    const protocol: string[] = [];
    for (let index = 0; index + 1 < passed.length; index += 2) {
      const name = passed[index]!;
      const isProtocol = name === 'anthropic-version' || name === 'anthropic-beta';
      (isProtocol ? protocol : kept).push(name, passed[index + 1]!);
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

function credentialHeaders({ api_key, auth }: ClaudeCustomCredential): [string, string][] {
  const key = keyText(api_key);
  if (key === '') return [];
  const isBearer = auth === undefined ? isOauthToken(key) : auth === 'bearer';
  return [isBearer ? ['authorization', `Bearer ${key}`] : ['x-api-key', key]];
}

function betasOf({ api_key, beta }: ClaudeCustomCredential, byHand: string | undefined): string[] {
  const isOauth = isOauthToken(keyText(api_key));
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
