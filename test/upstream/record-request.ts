import type { IncomingMessage } from 'node:http';
import type { RecordedRequest } from './ledger.ts';

/** The credential that was sent, without its scheme; `x-api-key` counts first, as it does at Anthropic. */
export function credentialOf(request: IncomingMessage): string | undefined {
  const { authorization, 'x-api-key': apiKey } = request.headers;
  if (typeof apiKey === 'string') return apiKey;
  return authorization?.startsWith('Bearer ') ? authorization.slice('Bearer '.length) : undefined;
}

/** The request as tests see it. */
export function recordOf(
  request: IncomingMessage,
  body: Buffer,
  key: string | undefined,
  connection: number,
): RecordedRequest {
  const headers: RecordedRequest['headers'] = {};
  for (const [name, value] of Object.entries(request.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    rawHeaders: request.rawHeaders,
    headers,
    body,
    json: jsonOf(body),
    key,
    connection,
    status: 0,
    aborted: false,
  };
}

function jsonOf(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    // Not JSON: the API answers that itself; the record says so by `undefined`.
    return undefined;
  }
}
