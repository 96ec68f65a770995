import { arch, platform } from 'node:process';
import { flatHeaders } from '../account-headers.ts';
import type { UpstreamRequest } from '../contract.ts';
import type { GeminiCredential } from './credential.ts';

export const codeAssistBase = 'https://cloudcode-pa.googleapis.com';

const version = 'v1internal';

/** Addresses and headers of Code Assist (google-gemini/gemini-cli: code_assist/server.ts). */
export class CodeAssistCall {
  readonly origin: string;
  readonly root: string;
  readonly #agent: (model: string) => string;
  /** A person's own, which replace others of the same name. */
  readonly own: readonly (readonly [string, string])[];

  constructor({ base_url, client_version, headers }: GeminiCredential) {
    const base = new URL(base_url ?? codeAssistBase);
    this.origin = base.origin;
    this.root = base.pathname.replace(/\/+$/, '').replace(/\/v1internal$/, '');
    this.#agent = (model) => `GeminiCLI/${client_version}/${headerWord(model)} (${platform}; ${arch}; terminal)`;
    this.own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  }

  /** A method of the service: `generateContent`, `loadCodeAssist` … */
  post(method: string, model: string, body: string): UpstreamRequest {
    const isStream = method.startsWith('stream');
    const accept = isStream ? 'text/event-stream' : 'application/json';
    return {
      method: 'POST',
      path: `${this.root}/${version}:${method}`,
      headers: this.#headers([
        ['content-type', 'application/json'],
        ['accept', accept],
        ['user-agent', this.#agent(model)],
      ]),
      body,
    };
  }

  #headers(pairs: readonly (readonly [string, string])[]): string[] {
    return flatHeaders([...pairs, ...this.own]);
  }

  /** A long-running operation, by its name. */
  operation(name: string): UpstreamRequest {
    const path = name.toWellFormed().split('/').map(encodeURIComponent).join('/');
    return {
      method: 'GET',
      path: `${this.root}/${version}/${path}`,
      headers: this.#headers([
        ['accept', 'application/json'],
        ['user-agent', this.#agent('unknown')],
      ]),
      body: undefined,
    };
  }
}

/** A model's name is what a client wrote; a header takes less. */
function headerWord(model: string): string {
  return model.replaceAll(/[^\x21-\x7e]/g, '_');
}

/** Adds the login's token. */
export function withToken(request: UpstreamRequest, token: string): UpstreamRequest {
  return { ...request, headers: [...request.headers, 'authorization', `Bearer ${token}`] };
}
