/** Where an API lives, with the path that stands before its own, if any. */
export class ApiAddress {
  /** `https://host:port`. */
  readonly origin: string;
  readonly #prefix: string;

  constructor(url: string) {
    const { origin, pathname } = new URL(url);
    this.origin = origin;
    this.#prefix = pathname.replace(/\/+$/, '');
  }

  /** Path and query of one of its calls. */
  to(path: string): string {
    return this.#prefix + path;
  }
}
