import type { Readable } from 'node:stream';

/** A finished answer of a route, or one whose content is still to be read. */
export class Reply {
  readonly status: number;
  /** Lower-case names; content-type included. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Readable;

  private constructor(status: number, headers: Readonly<Record<string, string>>, body: string | Readable) {
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

  /** A file, handed on as it is read; the stream is destroyed when the client leaves. */
  static file(content: Readable, sizeBytes: number, headers: Readonly<Record<string, string>> = {}): Reply {
    const typed = { 'content-type': 'application/octet-stream', 'content-length': String(sizeBytes) };
    return new Reply(200, { ...typed, 'cache-control': 'no-store', ...headers }, content);
  }

  withStatus(status: number): Reply {
    return new Reply(status, this.headers, this.body);
  }
}
