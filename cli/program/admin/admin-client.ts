import { once } from 'node:events';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Secret } from '../../../kit/secret.ts';
import { adminFaults } from './faults.ts';
import { field, textOf } from './json-fields.ts';
import { request as requestPlain, requestOverTls } from '../../../kit/node-http.ts';
import { visibleText } from './visible-text.ts';

/** A management call is answered from memory, or after the other members were asked: seconds at most. */
const answerTimeoutMs = 15_000;
/** A large database is copied before the first piece of it comes. */
const downloadIdleMs = 600_000;
/** The status of a thousand members with a thousand accounts is a tenth of this. */
const answerLengthMax = 32 * 1024 * 1024;

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

  /** An answer that is no JSON, as it came, with its headers. */
  async getText(path: string): Promise<{ text: string; headers: IncomingHttpHeaders }> {
    const { status, text, headers } = await this.#send('GET', path, undefined);
    if (status < 300) return { text, headers };
    throw this.#refusal(status, this.#parse(text), path);
  }

  /**
   * An answer of any length, which `take` reads piece by piece. A `call_refused` has the node's own code as its cause.
   * Throws what `take` throws.
   */
  async download<T>(path: string, take: (answer: IncomingMessage) => Promise<T>): Promise<T> {
    const { answer, call } = await this.#reached(async () => {
      const call = begin(this.url + path, { method: 'GET', headers: this.#headers(), body: undefined });
      call.setTimeout(downloadIdleMs, () => call.destroy(new Error(`nothing came in ${downloadIdleMs / 1_000} s`)));
      const [answer] = (await once(call, 'response')) as [IncomingMessage];
      return { answer, call };
    });
    try {
      const { statusCode: status = 0 } = answer;
      if (status < 300) return await take(answer);
      throw this.#refusal(status, this.#parse(await textOfAnswer(answer)), path);
    } finally {
      call.destroy();
    }
  }

  post(path: string, body: unknown): Promise<unknown> {
    return this.#call('POST', path, body);
  }

  patch(path: string, body: unknown): Promise<unknown> {
    return this.#call('PATCH', path, body);
  }

  put(path: string, body: unknown): Promise<unknown> {
    return this.#call('PUT', path, body);
  }

  delete(path: string): Promise<unknown> {
    return this.#call('DELETE', path);
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const { status, text } = await this.#send(method, path, body);
    const answer = text === '' ? undefined : this.#parse(text);
    if (status < 300) return answer;
    throw this.#refusal(status, answer, path);
  }

  async #send(method: string, path: string, body: unknown): Promise<Answer> {
    const headers = this.#headers();
    if (body !== undefined) headers['content-type'] = 'application/json';
    const sent = { method, headers, body: body === undefined ? undefined : JSON.stringify(body) };
    return this.#reached(() => send(this.url + path, sent));
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#key.reveal()}`, accept: 'application/json' };
  }

  async #reached<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
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
    const message = textOf(field(answer, 'error', 'message'));
    const said = message === undefined ? undefined : visibleText(message);
    if (status === 401 || status === 403)
      return adminFaults.key_refused(
        `${this.url} refuses the key (${said ?? status}); give one that may with --api-key or AIPROXY_API_KEY`,
      );
    const cause = textOf(field(answer, 'error', 'code'));
    return adminFaults.call_refused(`${this.url}${path}: ${said ?? `status ${status}`}`, { status, cause });
  }
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

interface Sent {
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** Not by `fetch`, which refuses a list of ports that a node may well have. */
function begin(url: string, { method, headers, body }: Sent, signal?: AbortSignal): ClientRequest {
  const open = url.startsWith('https:') ? requestOverTls : requestPlain;
  const call = open(url, { method, headers, agent: false, ...(signal === undefined ? {} : { signal }) });
  call.end(body);
  return call;
}

async function send(url: string, sent: Sent): Promise<Answer> {
  const call = begin(url, sent, AbortSignal.timeout(answerTimeoutMs));
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, headers: answer.headers, text: await textOfAnswer(answer) };
}

async function textOfAnswer(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of answer.setEncoding('utf8') as AsyncIterable<string>) {
    text += piece;
    if (text.length > answerLengthMax) throw new Error('its answer is too long');
  }
  return text;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return `nothing came in ${answerTimeoutMs / 1_000} s`;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
