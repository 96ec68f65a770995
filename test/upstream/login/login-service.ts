/**
 * A login service for tests: what AWS SSO OIDC, Kiro, Qwen and Google do when a person logs in, each in its own words. A
 * request of a wrong form is answered as the services do and kept in `complaints`, which a test expects to be empty.
 *
 *   const service = await startLoginService(awsOidc());
 *   service.pending('slow_down');     // what the next polls hear, in order; then `authorization_pending`
 *   service.confirm();                // the person says yes: the next poll gets tokens
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LoginAnswer {
  readonly status: number;
  readonly body: object;
}

/** A request as a service sees it: its path, and the fields of its body, whatever their encoding. */
export interface LoginRequest {
  readonly path: string;
  readonly isForm: boolean;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What one service says. */
export type LoginProtocol = (request: LoginRequest, state: LoginState) => LoginAnswer | undefined;

/** Where a login stands. */
export interface LoginState {
  readonly url: string;
  /** What the next poll hears; undefined once the person has said yes. */
  nextWord(): string | undefined;
  complain(what: string): LoginAnswer;
  /** A word that no other login has. */
  fresh(prefix: string): string;
  readonly kept: Map<string, string>;
}

export interface LoginService {
  readonly url: string;
  readonly requests: readonly LoginRequest[];
  readonly complaints: readonly string[];
  /** Every token, code and client secret that it gave. */
  readonly secrets: readonly string[];
  /** What the protocol keeps of a login; for what a browser does beside it. */
  readonly kept: Map<string, string>;
  pending(...words: string[]): void;
  confirm(): void;
  /** Resolves at the nth request to this path. */
  asked(path: string, count?: number): Promise<void>;
  /** The next requests break off without an answer. */
  breakOff(count: number): void;
  close(): Promise<void>;
}

const bodyBytesMax = 64 * 1024;

export async function startLoginService(protocol: LoginProtocol): Promise<LoginService> {
  const service = new Service(protocol);
  await service.listen();
  return service;
}

class Service implements LoginService, LoginState {
  url = '';
  readonly requests: LoginRequest[] = [];
  readonly complaints: string[] = [];
  readonly secrets: string[] = [];
  readonly kept = new Map<string, string>();
  readonly #protocol: LoginProtocol;
  readonly #words: string[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #server = createServer((request, response) => void this.#receive(request, response));
  #isConfirmed = false;
  #breaks = 0;

  constructor(protocol: LoginProtocol) {
    this.#protocol = protocol;
  }

  async listen(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  pending(...words: string[]): void {
    this.#words.push(...words);
  }

  confirm(): void {
    this.#isConfirmed = true;
  }

  breakOff(count: number): void {
    this.#breaks = count;
  }

  nextWord(): string | undefined {
    return this.#words.shift() ?? (this.#isConfirmed ? undefined : 'authorization_pending');
  }

  complain(what: string): LoginAnswer {
    this.complaints.push(what);
    return { status: 400, body: { error: 'invalid_request', error_description: what } };
  }

  fresh(prefix: string): string {
    const word = `${prefix}-${randomBytes(60).toString('hex')}`;
    this.secrets.push(word);
    return word;
  }

  async asked(path: string, count = 1): Promise<void> {
    while (this.requests.filter((request) => request.path === path).length < count)
      await new Promise<void>((done) => this.#waiting.push(done));
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.#server.close(done));
    this.#server.closeAllConnections();
    await closed;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const piece of request.setEncoding('utf8') as AsyncIterable<string>)
      if (text.length < bodyBytesMax) text += piece;
    if (this.#breaks > 0) {
      this.#breaks--;
      request.socket.destroy();
      return;
    }
    const read = readRequest(request, text);
    if (read !== undefined) this.requests.push(read);
    const answer = read === undefined ? this.complain('no POST of JSON or a form') : this.#protocol(read, this);
    const { status, body } = answer ?? { status: 404, body: { message: 'no such call' } };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

function readRequest(request: IncomingMessage, text: string): LoginRequest | undefined {
  if (request.method !== 'POST') return undefined;
  const type = request.headers['content-type'] ?? '';
  const path = request.url ?? '';
  if (type.startsWith('application/x-www-form-urlencoded'))
    return { path, isForm: true, fields: Object.fromEntries(new URLSearchParams(text)) };
  if (!type.startsWith('application/json')) return undefined;
  try {
    return { path, isForm: false, fields: JSON.parse(text) as Record<string, unknown> };
  } catch {
    return undefined;
  }
}
