import { createHash } from 'node:crypto';
import type { UpstreamRequest } from '../contract.ts';

/** Header in which the time of signing travels; Oracle takes either. */
export type DateHeader = 'date' | 'x-date';

/** One line of what is signed: a header's name as the signature announces it, and its value. */
export type SignedLine = readonly [name: string, value: string];

/** Requests with these methods have their body signed, whether they have one or not. */
const methodsWithBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/**
 * What is signed of a request: date, request line, host and, where there may be a body, its type, length and hash. The
 * names are spelled, and stand in the order, of Oracle's own TypeScript SDK.
 */
export function signedLines(
  request: UpstreamRequest,
  host: string,
  date: string,
  dateHeader: DateHeader,
): SignedLine[] {
  const lines: SignedLine[] = [
    [dateHeader, date],
    ['(request-target)', `${request.method.toLowerCase()} ${request.path}`],
    ['host', host],
  ];
  return methodsWithBody.has(request.method) ? [...lines, ...bodyLines(request)] : lines;
}

/** `name: value`, names in lower case, a line feed between and none at the end. */
export function signingString(lines: readonly SignedLine[]): string {
  return lines.map(([name, value]) => `${name.toLowerCase()}: ${value}`).join('\n');
}

function bodyLines({ headers, body = '' }: UpstreamRequest): SignedLine[] {
  return [
    ['Content-Type', headerValue(headers, 'content-type') ?? 'application/json'],
    ['Content-Length', String(Buffer.byteLength(body))],
    ['x-content-sha256', createHash('sha256').update(body).digest('base64')],
  ];
}

function headerValue(headers: readonly string[], name: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2) if (headers[index] === name) return headers[index + 1];
  return undefined;
}
