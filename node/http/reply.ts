/** A finished answer of a route. */
export class Reply {
  readonly status: number;
  /** Lower-case names; content-type included. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;

  private constructor(status: number, headers: Readonly<Record<string, string>>, body: string) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  /** `undefined` answers an empty body. */
  static json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
    if (value === undefined) return new Reply(status, headers, '');
    const typed = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers };
    return new Reply(status, typed, JSON.stringify(value));
  }

  static text(contentType: string, body: string, headers: Readonly<Record<string, string>> = {}): Reply {
    return new Reply(200, { 'content-type': contentType, ...headers }, body);
  }

  withStatus(status: number): Reply {
    return new Reply(status, this.headers, this.body);
  }
}
