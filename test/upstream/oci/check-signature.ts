import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A date may be this far off. */
const skewMaxMs = 5 * 60_000;

const methodsWithBody = new Set(['POST', 'PUT', 'PATCH']);

export interface SignatureFacts {
  publicKey: KeyObject;
  /** The service's wall time. */
  nowMs: number;
}

/** Parameters of an `Authorization: Signature …`, whatever their order; undefined when it is none. */
export function signatureParameters(request: IncomingMessage): Map<string, string> | undefined {
  const { authorization } = request.headers;
  if (authorization === undefined || !authorization.startsWith('Signature ')) return undefined;
  const pairs = authorization.slice('Signature '.length).matchAll(/(\w+)="([^"]*)"/g);
  return new Map([...pairs].map(([, name, value]) => [name ?? '', value ?? '']));
}

/** Why the service does not take the signature over the bytes that came; undefined when it does. */
export function signatureComplaint(request: IncomingMessage, body: Buffer, facts: SignatureFacts): string | undefined {
  const given = signatureParameters(request);
  if (given === undefined) return 'no signature';
  if (given.get('version') !== '1' || given.get('algorithm') !== 'rsa-sha256') return 'version or algorithm';
  const [, , fingerprint] = (given.get('keyId') ?? '').split('/');
  if (fingerprint !== fingerprintOf(facts.publicKey)) return `no such key: ${fingerprint}`;
  const names = (given.get('headers') ?? '').toLowerCase().split(' ');
  return (
    missingHeader(request, names) ??
    dateComplaint(request, names, facts.nowMs) ??
    bodyComplaint(request, body) ??
    verdict(request, names, given.get('signature') ?? '', facts.publicKey)
  );
}

/** MD5 of the public key, as Oracle's console shows it. */
export function fingerprintOf(publicKey: KeyObject): string {
  const der = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({
    type: 'spki',
    format: 'der',
  });
  const hash = createHash('md5').update(der).digest('hex');
  return (hash.match(/../g) ?? []).join(':');
}

function missingHeader(request: IncomingMessage, names: readonly string[]): string | undefined {
  const wanted = ['(request-target)', 'host'];
  if (methodsWithBody.has(request.method ?? '')) wanted.push('content-length', 'content-type', 'x-content-sha256');
  const missing = wanted.find((name) => !names.includes(name));
  if (missing !== undefined) return `${missing} is not signed`;
  return names.includes('date') || names.includes('x-date') ? undefined : 'no date is signed';
}

function dateComplaint(request: IncomingMessage, names: readonly string[], nowMs: number): string | undefined {
  const value = request.headers[names.includes('x-date') ? 'x-date' : 'date'];
  const atMs = Date.parse(String(value));
  if (Number.isNaN(atMs) || !/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$/.test(String(value))) {
    return `no date: ${String(value)}`;
  }
  return Math.abs(nowMs - atMs) <= skewMaxMs ? undefined : 'the date is too far off';
}

function bodyComplaint(request: IncomingMessage, body: Buffer): string | undefined {
  if (!methodsWithBody.has(request.method ?? '')) return undefined;
  if (request.headers['content-length'] !== String(body.length)) return 'content-length is not that of the body';
  const hash = createHash('sha256').update(body).digest('base64');
  return request.headers['x-content-sha256'] === hash ? undefined : 'x-content-sha256 is not that of the body';
}

/** The string is made anew of what came over the wire. */
function verdict(
  request: IncomingMessage,
  names: readonly string[],
  signature: string,
  publicKey: KeyObject,
): string | undefined {
  const lines = names.map((name) => {
    if (name === '(request-target)') return `${name}: ${String(request.method).toLowerCase()} ${request.url ?? ''}`;
    return `${name}: ${String(request.headers[name])}`;
  });
  const isGood = verify('sha256', Buffer.from(lines.join('\n')), publicKey, Buffer.from(signature, 'base64'));
  return isGood ? undefined : 'the signature is not over these bytes';
}
