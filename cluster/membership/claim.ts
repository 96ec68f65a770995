import { isJsonObject } from '../../kit/json.ts';
import { postFaults } from '../post/faults.ts';
import type { MemberFacts, MemberState, NodeId } from './contract.ts';

/** What one member says of another, or of itself. */
export interface Claim {
  readonly facts: MemberFacts;
  readonly state: MemberState;
  /** Who accuses, of a suspect or dead one. */
  readonly by: NodeId | undefined;
}

/** Longer ones are no honest node's. */
const bounds = { peer: 128, address: 300, meshAddress: 512, meshAddresses: 16, version: 64 } as const;
const nodeIdForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const states: readonly MemberState[] = ['alive', 'suspect', 'dead', 'left'];

/** Short names, since a whole table of them travels. Unknown fields are passed over by `decodeClaim`. */
export function encodeClaim({ facts, state, by }: Claim): unknown {
  return { ...encodeFacts(facts), s: states.indexOf(state), by };
}

/** @throws Fault `peer_message_malformed`. */
export function decodeClaim(value: unknown): Claim {
  const facts = decodeFacts(value);
  const { s, by } = fieldsOf(value);
  const state = typeof s === 'number' ? states[s] : undefined;
  if (state === undefined) throw malformed('state');
  if (by !== undefined && by !== null && !isNodeId(by)) throw malformed('accuser');
  return { facts, state, by: isNodeId(by) ? by : undefined };
}

export function encodeFacts(facts: MemberFacts): object {
  return {
    id: facts.nodeId,
    peer: facts.peer,
    inc: facts.incarnation,
    at: facts.address,
    mesh: facts.meshAddresses,
    v: facts.version,
    since: facts.startedAtMs,
  };
}

/** @throws Fault `peer_message_malformed`. */
export function decodeFacts(value: unknown): MemberFacts {
  const { id, peer, inc, at, mesh, v, since } = fieldsOf(value);
  if (!isNodeId(id)) throw malformed('node id');
  if (!isText(peer, bounds.peer) || peer === '') throw malformed('peer');
  if (typeof inc !== 'number' || !(inc >= 0 && inc < Number.MAX_SAFE_INTEGER)) throw malformed('incarnation');
  if (!isText(at, bounds.address)) throw malformed('address');
  if (!Array.isArray(mesh) || mesh.length > bounds.meshAddresses) throw malformed('mesh addresses');
  if (!mesh.every((each) => isText(each, bounds.meshAddress))) throw malformed('mesh addresses');
  if (!isText(v, bounds.version)) throw malformed('version');
  if (typeof since !== 'number' || !Number.isFinite(since)) throw malformed('start');
  return { nodeId: id, peer, incarnation: inc, address: at, meshAddresses: mesh, version: v, startedAtMs: since };
}

export function isNodeId(value: unknown): value is NodeId {
  return typeof value === 'string' && nodeIdForm.test(value);
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (!isJsonObject(value)) throw malformed('form');
  return value;
}

function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === 'string' && value.length <= lengthMax;
}

function malformed(what: string): Error {
  return postFaults.peer_message_malformed(`What it says of a member has a wrong ${what}.`);
}
