import { createHash, sign, type KeyObject } from 'node:crypto';
import type { UpstreamRequest } from '../contract.ts';

/** Header in which the time of signing travels; Oracle takes either. */
export type DateHeader = 'date' | 'x-date';

/** Requests with these methods have their body signed, whether they have one or not. */
const methodsWithBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/**
 * Signs requests as Oracle's "Signature version 1" has it: RSA-SHA256 over the date, the request line, the host and,
 * where there may be a body, its length, type and hash (draft-cavage-http-signatures-08). The list of headers is
 * spelled as Oracle's own TypeScript SDK spells it.
 */
export class RequestSigner {
  readonly #keyId: string;
  readonly #key: KeyObject;
  readonly #dateHeader: DateHeader;

  /** `keyId`: `tenancy/user/fingerprint`, or `ST$` and a session token. */
  constructor(keyId: string, key: KeyObject, dateHeader: DateHeader = 'x-date') {
    this.#keyId = keyId;
    this.#key = key;
    this.#dateHeader = dateHeader;
  }

  /** The request with what authorises it, its body turned into the very bytes that were signed. */
  sign(request: UpstreamRequest, origin: string, nowMs: number): UpstreamRequest {
    const date = new Date(nowMs).toUTCString();
    const host = origin.slice(origin.indexOf('//') + 2);
    const added = [this.#dateHeader, date];
    const lines: [name: string, value: string][] = [
      [this.#dateHeader, date],
      ['(request-target)', `${request.method.toLowerCase()} ${request.path}`],
      ['host', host],
    ];
    const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body;
    if (methodsWithBody.has(request.method)) signBody(request, body, lines, added);
    added.push('authorization', this.#authorization(lines));
    return { ...request, body, headers: [...request.headers, ...added] };
  }

  #authorization(lines: readonly [name: string, value: string][]): string {
    const text = lines.map(([name, value]) => `${name.toLowerCase()}: ${value}`).join('\n');
    const signature = sign('sha256', Buffer.from(text), this.#key).toString('base64');
    const names = lines.map(([name]) => name).join(' ');
    return `Signature version="1",keyId="${this.#keyId}",algorithm="rsa-sha256",headers="${names}",signature="${signature}"`;
  }
}

function signBody(
  { headers }: UpstreamRequest,
  body: Buffer | undefined,
  lines: [name: string, value: string][],
  added: string[],
): void {
  const length = String(body?.length ?? 0);
  const hash = createHash('sha256')
    .update(body ?? '')
    .digest('base64');
  const given = headerValue(headers, 'content-type');
  const type = given ?? 'application/json';
  if (given === undefined) added.push('content-type', type);
  added.push('content-length', length, 'x-content-sha256', hash);
  lines.push(['Content-Type', type], ['Content-Length', length], ['x-content-sha256', hash]);
}

function headerValue(headers: readonly string[], name: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2) if (headers[index] === name) return headers[index + 1];
  return undefined;
}
