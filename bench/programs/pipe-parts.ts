import type { Server } from 'node:http';
import type { Pool } from 'undici';

/** As many upstream connections as the bench has client connections, so that the pipe never waits for one. */
const connectionsMax = 512;

export const poolOptions: Pool.Options = { connections: connectionsMax, pipelining: 1, keepAliveTimeout: 60_000 };

/** Headers that belong to one connection and are not passed on (RFC 9110, 7.6.1); `host` and the length are undici's. */
const ownedByTheConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'content-length']);

/** The client's headers as undici takes them: names and values in turn. */
export function requestHeaders(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string;
    if (!ownedByTheConnection.has(name.toLowerCase())) kept.push(name, raw[index + 1] as string);
  }
  return kept;
}

/** The upstream's headers as `writeHead` takes them; the length stays, so that the answer is not chunked again. */
export function responseHeaders(raw: unknown): string[] {
  const kept: string[] = [];
  if (!Array.isArray(raw)) return kept;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = String(raw[index]);
    const lower = name.toLowerCase();
    if (lower === 'content-length' || !ownedByTheConnection.has(lower)) kept.push(name, String(raw[index + 1]));
  }
  return kept;
}

/** Listens on loopback and ends on SIGTERM through `process.exit`, so that a profile is written. */
export function listenAsTarget(server: Server, port: number): void {
  server.keepAliveTimeout = 60_000;
  process.on('SIGTERM', () => process.exit(0));
  server.listen(port, '127.0.0.1');
}
