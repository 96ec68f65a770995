import { type Fault, isFault } from '../../kit/fault.ts';
import { forwardFaults } from './faults.ts';

/** How far an attempt had come when its connection failed. */
export type SendPhase = 'connecting' | 'sent' | 'answering';

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** undici found our own request at fault and sent nothing: says nothing about the upstream. */
const refusedByUs = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH']);

/**
 * Says what a failed connection means. A kept socket that breaks before the first answer byte had most likely been
 * closed by the upstream while idle, which is nobody's failure. Errors without a code are not the network's: they are
 * defects of ours and must not be counted against an account.
 */
export function transportFault(error: unknown, phase: SendPhase): Fault {
  if (isFault(error)) return error;
  const code = errorCode(error);
  if (isNotHttp(error, code)) {
    return forwardFaults.upstream_connection_lost('the upstream answered with something that is not HTTP', {
      cause: error,
    });
  }
  if (code === undefined || refusedByUs.has(code))
    return forwardFaults.internal('internal error while relaying the answer', { cause: error });
  const detail = { cause: error };
  if (code === 'UND_ERR_HEADERS_TIMEOUT') {
    return forwardFaults.upstream_timeout('the upstream sent no answer within request_timeout', detail);
  }
  if (code === 'UND_ERR_BODY_TIMEOUT') {
    return forwardFaults.upstream_idle('the upstream fell silent in the middle of its answer', detail);
  }
  if (phase === 'connecting' || unreachable.has(code) || code.startsWith('ERR_TLS') || code.includes('CERT')) {
    return forwardFaults.upstream_unreachable(`the upstream cannot be reached (${code})`, detail);
  }
  if (phase === 'sent' && hadServedBefore(error)) {
    return forwardFaults.upstream_connection_lost(`a kept connection to the upstream was closed (${code})`, {
      ...detail,
      retry: 'reused-socket',
      penalty: 'none',
    });
  }
  return forwardFaults.upstream_connection_lost(`the connection to the upstream broke (${code})`, detail);
}

function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** llhttp's complaints carry its code (`HPE_…`), or none where the first bytes already were wrong. */
function isNotHttp(error: unknown, code: string | undefined): boolean {
  return (error instanceof Error && error.name === 'HTTPParserError') || code?.startsWith('HPE_') === true;
}

/** undici's SocketError carries the socket's counters; bytes read before this answer belong to an earlier one. */
function hadServedBefore(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('socket' in error)) return false;
  const socket = error.socket as { bytesRead?: unknown } | null;
  return typeof socket?.bytesRead === 'number' && socket.bytesRead > 0;
}
