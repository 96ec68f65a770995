import { sign, type KeyObject } from 'node:crypto';
import type { UpstreamRequest } from '../contract.ts';
import { signedLines, signingString, type DateHeader, type SignedLine } from './signed-lines.ts';

/**
 * Signs requests as Oracle's "Signature version 1" has it: RSA-SHA256 over the lines of `signedLines`
 * (draft-cavage-http-signatures-08).
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

  /** The request with what authorises it; its body is turned into the very bytes that were signed. */
  sign(request: UpstreamRequest, origin: string, nowMs: number): UpstreamRequest {
    const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body;
    const host = origin.slice(origin.indexOf('//') + 2);
    const lines = signedLines({ ...request, body }, host, new Date(nowMs).toUTCString(), this.#dateHeader);
    const headers = [...request.headers];
    for (const [name, value] of lines) addHeader(headers, name.toLowerCase(), value);
    headers.push('authorization', this.#authorization(lines));
    return { ...request, body, headers };
  }

  #authorization(lines: readonly SignedLine[]): string {
    const names = lines.map(([name]) => name).join(' ');
    const signature = sign('sha256', Buffer.from(signingString(lines)), this.#key).toString('base64');
    return `Signature version="1",keyId="${this.#keyId}",algorithm="rsa-sha256",headers="${names}",signature="${signature}"`;
  }
}

/** Lines that are no headers, and those that HTTP itself sends, are left out; a content type may be there already. */
function addHeader(headers: string[], name: string, value: string): void {
  if (name === '(request-target)' || name === 'host') return;
  if (name === 'content-type' && headers.includes(name)) return;
  headers.push(name, value);
}
