/** Where an account's API lives, cut into what requests are made of. */
export class OpenaiBaseUrl {
  /** `https://host:port`. */
  readonly origin: string;
  readonly hostname: string;
  /** `/v1`, `/api/v1`; never ends with a slash. */
  readonly path: string;
  /** `?api-version=…` where the base has one; goes with every request. */
  readonly query: string;

  /** A base without a path means `/v1`, as users write `http://127.0.0.1:8000`; any other path is used as given. */
  constructor(baseUrl: string) {
    const url = new URL(baseUrl);
    const path = url.pathname.replace(/\/+$/, '');
    this.origin = url.origin;
    this.hostname = url.hostname;
    this.path = path === '' ? '/v1' : path;
    this.query = url.search;
  }

  /** Path and query of one of the API's own calls. */
  to(call: string): string {
    return `${this.path}${call}${this.query}`;
  }

  /**
   * Path and query for a path that a client wrote below `/{provider}`. Clients put their base with or without the
   * version, so what base and path share is not repeated: base `/api/v1` and `/v1/models` give `/api/v1/models`.
   */
  through(clientPath: string): string {
    const mark = clientPath.indexOf('?');
    const path = mark < 0 ? clientPath : clientPath.slice(0, mark);
    const query = mark < 0 ? '' : clientPath.slice(mark + 1);
    const queries = [this.query.slice(1), query].filter((part) => part !== '');
    return this.#join(path) + (queries.length === 0 ? '' : `?${queries.join('&')}`);
  }

  #join(path: string): string {
    if (isBelow(path, this.path)) return path;
    const version = this.path.slice(this.path.lastIndexOf('/'));
    return isBelow(path, version) ? this.path.slice(0, -version.length) + path : this.path + path;
  }
}

function isBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}/`);
}
