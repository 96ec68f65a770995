import type { Secret } from '../../../kit/secret.ts';
import { adminFaults } from './faults.ts';
import { field, textOf } from './json-fields.ts';

/** A management call is answered from memory, or after the other members were asked: seconds at most. */
const answerTimeoutMs = 15_000;

export interface AdminClientOptions {
  /** `http://127.0.0.1:3000` */
  url: string;
  key: Secret;
}

/** Calls the management routes of a node. What goes wrong is thrown as one line that says what to do. */
export class AdminClient {
  readonly url: string;
  readonly #key: Secret;

  constructor({ url, key }: AdminClientOptions) {
    this.url = url.replace(/\/+$/, '');
    this.#key = key;
  }

  get(path: string): Promise<unknown> {
    return this.#call('GET', path);
  }

  post(path: string, body: unknown): Promise<unknown> {
    return this.#call('POST', path, body);
  }

  delete(path: string): Promise<unknown> {
    return this.#call('DELETE', path);
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.#send(method, path, body);
    const text = await response.text();
    const answer = text === '' ? undefined : this.#parse(text);
    if (response.ok) return answer;
    throw this.#refusal(response.status, answer, path);
  }

  async #send(method: string, path: string, body: unknown): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#key.reveal()}`, accept: 'application/json' };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    try {
      return await fetch(this.url + path, {
        method,
        headers: { ...headers, ...type },
        ...sent,
        redirect: 'error',
        signal: AbortSignal.timeout(answerTimeoutMs),
      });
    } catch (cause) {
      throw adminFaults.node_unreachable(
        `no node answers at ${this.url} (${reasonOf(cause)}); start one with aiproxy start, or name another with --url`,
        { cause },
      );
    }
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw adminFaults.answer_unreadable(`what answers at ${this.url} is no aiproxy node; name one with --url`, {
        cause,
      });
    }
  }

  #refusal(status: number, answer: unknown, path: string): Error {
    const said = textOf(field(answer, 'error', 'message'));
    if (status === 401 || status === 403)
      return adminFaults.key_refused(
        `${this.url} refuses the key (${said ?? status}); give one that may with --api-key or AIPROXY_API_KEY`,
      );
    return adminFaults.call_refused(`${this.url}${path}: ${said ?? `status ${status}`}`, { status });
  }
}

/** The innermost cause says most: `fetch failed` is what every failure is called. */
function reasonOf(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
