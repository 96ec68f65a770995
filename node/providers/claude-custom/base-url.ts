/** Where an account's API lives, cut into what requests are made of. */
export class BaseUrl {
  /** `https://host:port`. */
  readonly origin: string;
  /** What comes before `/v1`; never ends with a slash. */
  readonly #root: string;
  /** The base was written with `/v1` at its end, so paths of the transparent route may come without. */
  readonly #hasVersion: boolean;
  readonly #query: string;

  constructor(baseUrl: string) {
    const url = new URL(baseUrl);
    const path = url.pathname.replace(/\/+$/, '');
    this.origin = url.origin;
    this.#hasVersion = path.endsWith('/v1');
    this.#root = this.#hasVersion ? path.slice(0, -'/v1'.length) : path;
    this.#query = url.search;
  }

  /** Path and query of one of the API's own calls, given below `/v1` (`/messages`). */
  to(call: string): string {
    const path = `${this.#root}/v1${call}`;
    if (this.#query === '') return path;
    return path.includes('?') ? `${path}&${this.#query.slice(1)}` : path + this.#query;
  }

  /** Path and query for a path that a client wrote below `/{provider}`, with or without the version. */
  through(clientPath: string): string {
    const isVersioned = /^\/v\d+(?:[/?]|$)/.test(clientPath);
    const path = this.#root + (isVersioned || !this.#hasVersion ? clientPath : `/v1${clientPath}`);
    if (this.#query === '') return path;
    return path.includes('?') ? `${path}&${this.#query.slice(1)}` : path + this.#query;
  }
}
