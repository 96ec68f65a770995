import { postFaults } from '../post/faults.ts';
import { decodeClaim, isNodeId, type Claim } from './claim.ts';
import type { NodeId } from './contract.ts';

/** Kinds of messages, and services, of membership. */
export const swimKinds = {
  /** {n: number of the probe, h: digest of the table, c: claims}: answer! */
  ping: 'swim.ping',
  /** {n, c}: the answer, of the probed or of a helper. */
  ack: 'swim.ack',
  /** {n, t: whom to probe, p: its peer}: probe for me. */
  help: 'swim.help',
  /** {n}: no answer here either. */
  nack: 'swim.nack',
  /** {c: everyone}, answered by the same: tables are compared. */
  table: 'swim.table',
  /** A claim: I leave. */
  left: 'swim.left',
} as const;

/** Twice what a roster holds: the live and the dead of two meshes that meet. */
const claimsMax = 2048;

/** @throws Fault `peer_message_malformed`, as all of these. */
export function claimsIn(body: unknown): Claim[] {
  const { c: claims = [] } = recordOf(body);
  if (!Array.isArray(claims) || claims.length > claimsMax) {
    throw postFaults.peer_message_malformed('What it says of members is no list, or too long.');
  }
  return claims.map(decodeClaim);
}

export function sequenceIn(body: unknown): number {
  const { n: sequence } = recordOf(body);
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence)) {
    throw postFaults.peer_message_malformed('The probe has no number.');
  }
  return sequence;
}

export function helpIn(body: unknown): { target: NodeId; peer: unknown } {
  const { t: target, p: peer } = recordOf(body);
  if (!isNodeId(target)) throw postFaults.peer_message_malformed('The probe for another names nobody.');
  return { target, peer };
}

export function digestIn(body: unknown): unknown {
  return recordOf(body).h;
}

function recordOf(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null) throw postFaults.peer_message_malformed('The message has no fields.');
  return body as Record<string, unknown>;
}
