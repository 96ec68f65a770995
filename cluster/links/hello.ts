import { decodeFacts, encodeFacts } from '../membership/claim.ts';
import type { MemberFacts } from '../membership/contract.ts';
import { postFaults } from '../post/faults.ts';

/** Messages of the mesh that this version understands. Raised when a part can no longer speak to an older one. */
export const protocolRange: ProtocolRange = { min: 1, max: 1 };

export interface ProtocolRange {
  readonly min: number;
  readonly max: number;
}

/** The first frame on every connection, from both sides; said again until it is answered. */
export interface Hello {
  readonly protocol: ProtocolRange;
  readonly facts: MemberFacts;
  readonly proof: string;
  /** Whether the sender is a member already. */
  readonly isJoined: boolean;
  /** Whether the sender has the receiver's hello; if not, the receiver says it again. */
  readonly hasYours: boolean;
  /** What the sender knows of the members: who knows the same need not send it the table. */
  readonly digest: unknown;
}

export interface Refusal {
  /** Who has the name. */
  readonly holder: MemberFacts;
  /** Whether the holder was heard from since the newcomer asked; if not, it is being probed. */
  readonly isSure: boolean;
}

export function encodeHello({ protocol, facts, proof, isJoined, hasYours, digest }: Hello): unknown {
  const p = [protocol.min, protocol.max];
  return { p, f: encodeFacts(facts), proof, joined: isJoined, has: hasYours, h: digest };
}

/** The range alone, which every version writes in the same place. @throws Fault `peer_message_malformed`. */
export function protocolIn(body: unknown): ProtocolRange {
  const { p: range } = fieldsOf(body);
  if (!Array.isArray(range)) throw malformed('protocol');
  const [min, max] = range as unknown[];
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max)) throw malformed('protocol');
  return { min: Number(min), max: Number(max) };
}

/** @throws Fault `peer_message_malformed`. */
export function decodeHello(body: unknown): Hello {
  const { f: facts, proof, joined, has, h: digest } = fieldsOf(body);
  if (typeof proof !== 'string' || proof.length > 128) throw malformed('proof');
  return {
    protocol: protocolIn(body),
    facts: decodeFacts(facts),
    proof,
    isJoined: joined === true,
    hasYours: has === true,
    digest,
  };
}

export function encodeRefusal({ holder, isSure }: Refusal): unknown {
  return { reason: 'node_id_taken', holder: encodeFacts(holder), sure: isSure };
}

/** Undefined for a reason that this version does not know. @throws Fault `peer_message_malformed`. */
export function decodeRefusal(body: unknown): Refusal | undefined {
  const { reason, holder, sure } = fieldsOf(body);
  if (reason !== 'node_id_taken') return undefined;
  return { holder: decodeFacts(holder), isSure: sure === true };
}

function fieldsOf(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null) throw malformed('form');
  return body as Record<string, unknown>;
}

function malformed(what: string): Error {
  return postFaults.peer_message_malformed(`The introduction has a wrong ${what}.`);
}
