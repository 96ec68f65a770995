import type { Body } from '../post/contract.ts';
import { gossipFaults } from './faults.ts';
import { digestNodesMax, keyLengthMax, messageDeltasMax, messageEntriesMax, passesMax, versionMax } from './limits.ts';
import type { Allowance, NodeState } from './node-state.ts';

/** `[key, version, value]`, or `[key, version]` for a deleted one. */
export type WireEntry = readonly [key: string, version: number, value?: unknown];

/** All changes of a node between two versions, the latest of each key; those in between that are missing are outdated. */
export interface Delta {
  /** Owner, its incarnation. */
  readonly n: string;
  readonly i: number;
  readonly f: number;
  readonly t: number;
  /** The owner's floor: who knows less than this, but something, begins anew. */
  readonly g: number;
  readonly e: readonly WireEntry[];
}

/** How much of a node's state somebody knows, and the floor above which it knows it without a gap. */
export type Known = readonly [node: string, incarnation: number, version: number, floor: number];

export interface Push {
  readonly d: readonly Delta[];
  /** How often it may still be passed on. */
  readonly p: number;
}

/** A question: what do you know beyond this? */
export interface SyncQuestion {
  readonly k: readonly Known[];
  /** Only of the nodes named. */
  readonly o: boolean;
}

/** Its answer; `k` names nodes of which the one asking knows more, `m` says that there is more to come. */
export interface SyncAnswer {
  readonly d: readonly Delta[];
  readonly k: readonly Known[];
  readonly m: boolean;
}

export function knownOf(state: NodeState): Known {
  return [state.node, state.incarnation, state.version, state.floor];
}

/** Whether there is anything to tell somebody who knows so much; undefined: who knows nothing. */
export function isBeyond(state: NodeState, known: Known | undefined): boolean {
  if (known === undefined) return state.version > 0;
  const [, incarnation, version] = known;
  return state.incarnation > incarnation || (state.incarnation === incarnation && state.version > version);
}

/** What a state has beyond what somebody knows, as far as the allowance goes. */
export function deltaBeyond(state: NodeState, known: Known | undefined, allowance: Allowance): Delta {
  const [, incarnation, version, floor] = known ?? ['', 0, 0, 0];
  const isAnew = incarnation !== state.incarnation || (version < state.floor && floor < state.floor);
  return deltaSince(state, isAnew ? 0 : version, allowance);
}

export function deltaSince(state: NodeState, from: number, allowance: Allowance): Delta {
  const { entries, to } = state.since(from, allowance);
  return {
    n: state.node,
    i: state.incarnation,
    f: from,
    t: to,
    g: state.floor,
    e: entries.map(({ key, version, value }): WireEntry =>
      value === undefined ? [key, version] : [key, version, value],
    ),
  };
}

export function decodePush(body: Body): Push {
  const { d, p } = fieldsOf(body);
  return { d: decodeDeltas(d), p: Math.min(integer(p, 'p'), passesMax) };
}

export function decodeQuestion(body: Body): SyncQuestion {
  const { k, o } = fieldsOf(body);
  return { k: decodeKnown(k), o: o === true };
}

export function decodeAnswer(body: Body): SyncAnswer {
  const { d, k, m } = fieldsOf(body);
  return { d: decodeDeltas(d), k: decodeKnown(k), m: m === true };
}

function decodeDeltas(value: unknown): Delta[] {
  let left = messageEntriesMax;
  return list(value, messageDeltasMax, 'd').map((each) => {
    const delta = decodeDelta(each);
    left -= delta.e.length;
    if (left < 0) refuse('has too many entries');
    return delta;
  });
}

/** Values are looked at only once they are needed: most deltas of an urgent change are repetitions. */
function decodeDelta(value: unknown): Delta {
  const { n, i, f, t, g, e } = fieldsOf(value);
  const delta = { n: nodeId(n), i: integer(i, 'i'), f: integer(f, 'f'), t: integer(t, 't'), g: integer(g, 'g') };
  if (delta.f > delta.t || delta.g > versionMax || delta.t > versionMax) refuse('runs backwards, or out of numbers');
  let previous = delta.f;
  const entries = list(e, messageEntriesMax, 'e').map((each) => {
    const [key, version] = Array.isArray(each) ? (each as unknown[]) : [];
    if (typeof key !== 'string' || key === '' || key.length > keyLengthMax)
      refuse('has an entry without a fitting key');
    if (integer(version, 'version') <= previous || (version as number) > delta.t) refuse('has versions out of order');
    previous = version as number;
    return each as WireEntry;
  });
  return { ...delta, e: entries };
}

function decodeKnown(value: unknown): Known[] {
  return list(value, digestNodesMax, 'k').map((each) => {
    const [node, incarnation, version, floor] = list(each, 16, 'k');
    return [nodeId(node), integer(incarnation, 'incarnation'), integer(version, 'version'), integer(floor, 'floor')];
  });
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) refuse('is no object');
  return body as Readonly<Record<string, unknown>>;
}

function list(value: unknown, lengthMax: number, name: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > lengthMax) refuse(`has no list of up to ${lengthMax} in ${name}`);
  return value as readonly unknown[];
}

function integer(value: unknown, name: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) refuse(`has no whole number in ${name}`);
  return value as number;
}

function nodeId(value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.length > 64) refuse('names no node');
  return value as string;
}

export function refuse(what: string): never {
  throw gossipFaults.gossip_malformed(`State from a member ${what}.`);
}
