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
  const reason = reasonOf(cause);
  const isRefused = allCauses(error).every((each) => codeOf(each) === 'ECONNREFUSED');
  const { nothing_listens, peer_unreachable } = transportFaults;
  return (isRefused ? nothing_listens : peer_unreachable)(`${address}: ${reason}`, { cause });
}

function firstCause(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
}

/** A DNS name may have several addresses. */
function allCauses(error: unknown): readonly unknown[] {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors : [error];
}

function codeOf(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const text = `${code} ${cause instanceof Error ? cause.message : String(cause)}`;
  return /\b(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ECONNRESET|ETIMEDOUT|EAI_AGAIN)\b/.exec(text)?.[1];
}

function reasonOf(cause: unknown): string {
  const code = codeOf(cause);
  if (code !== undefined) return `no connection (${code})`;
  if (cause instanceof Error && (cause.name === 'TimeoutError' || cause.name === 'AbortError')) {
    return 'no answer in time';
  }
  return 'what answers there is no member';
}
