import type { Fault } from '../../kit/fault.ts';
import { transportFaults } from './faults.ts';
import { handshakeFailures } from './libp2p-noise.ts';

/** What a failed dial means. Of what failed inside libp2p only messages remain, so ours are looked for in them. `secretAdvice` follows where secrets differ. */
export function dialFault(address: string, error: unknown, secretAdvice?: string): Fault {
  const cause = firstCause(error);
  const message = cause instanceof Error ? cause.message : String(cause);
  if (message.includes(handshakeFailures.anotherSecret)) {
    const advice = secretAdvice === undefined ? '' : ` (${secretAdvice})`;
    return transportFaults.cluster_secret_mismatch(`${address}: that node has another cluster secret${advice}`);
  }
  if (message.includes(handshakeFailures.self)) {
    return transportFaults.dialled_self(`${address} leads back to this node`);
  }
  if (message.includes(handshakeFailures.anotherPeer)) {
    return transportFaults.peer_unexpected(`${address}: another peer answers there than the address names`);
  }
  return transportFaults.peer_unreachable(`${address}: ${reasonOf(cause, message)}`, { cause });
}

function firstCause(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
}

function reasonOf(cause: unknown, message: string): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const known = /\b(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ECONNRESET|ETIMEDOUT|EAI_AGAIN)\b/.exec(
    `${code} ${message}`,
  );
  if (known?.[1] !== undefined) return `no connection (${known[1]})`;
  if (cause instanceof Error && (cause.name === 'TimeoutError' || cause.name === 'AbortError')) {
    return 'no answer in time';
  }
  return 'what answers there is no member';
}
