import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from '../../../kit/node-http.ts';

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>aiproxy</title>
<style>body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 20vh auto; max-width: 30rem; padding: 0 1rem }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee } }</style>
<p>The terminal has the answer now, and says how the login went. This tab can be closed.</p>
</html>
`;

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
  // The address holds a code that is still good.
  'referrer-policy': 'no-referrer',
  connection: 'close',
};

/** Listens on 127.0.0.1 for the one request with which a browser comes back from a login. */
export class RedirectListener {
  readonly #path: string;
  readonly #server = createServer((request, response) => this.#receive(request, response));
  readonly #came: Promise<URLSearchParams>;
  #come: (parameters: URLSearchParams) => void = () => undefined;

  constructor(path: string) {
    this.#path = path;
    this.#came = new Promise((done) => (this.#come = done));
  }

  /** Begins to listen at a free port; gives the redirect URI. */
  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.#path}`;
  }

  /** What the browser brought; never without one. */
  came(): Promise<URLSearchParams> {
    return this.#came;
  }

  close(): void {
    this.#server.close();
    // The answer to the browser may still be under way.
    this.#server.closeIdleConnections();
  }

  #receive({ method, url = '/' }: IncomingMessage, response: ServerResponse): void {
    const asked = URL.parse(url, 'http://127.0.0.1');
    // Browsers ask for an icon as well.
    const isLogin = method === 'GET' && asked?.pathname === this.#path && asked.search !== '';
    if (!isLogin) {
      response.writeHead(404, { 'content-length': 0, connection: 'close' }).end();
      return;
    }
    response.writeHead(200, headers).end(page, () => this.#come(asked.searchParams));
  }
}
