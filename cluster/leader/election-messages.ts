/** What members say to each other about the election, and what of it is believed to be well-formed. */
import type { NodeId } from '../membership/contract.ts';
import type { VoterConfig } from './contract.ts';
import { leaderFaults } from './faults.ts';
import { votersMax } from './voter-config.ts';

/** The leader is here. `isSettled`: it holds its lease, and a majority has its configuration and knows what it must. */
export interface Heartbeat {
  readonly term: number;
  readonly sequence: number;
  readonly isSettled: boolean;
  readonly config: VoterConfig;
}

/** `sequence` is that of the heartbeat; undefined when it was refused because `term` is newer. */
export interface Acknowledgement {
  readonly term: number;
  readonly sequence: number | undefined;
  readonly config: VoterConfig | undefined;
  /** It leaves for good and wants no vote. */
  readonly isLeaving: boolean;
  /** For so long it elects nobody; undefined of one that does not say. */
  readonly patienceMs: number | undefined;
}

/** `isPre`: whether it would be elected; nobody is bound by the answer. `transferTerm`: the leader of that term gave up for it. */
export interface VoteRequest {
  readonly term: number;
  readonly isPre: boolean;
  readonly transferTerm: number | undefined;
  readonly config: VoterConfig;
}

/** `asked` is the term of the request, `term` that of the voter. */
export interface Vote {
  readonly asked: number;
  readonly term: number;
  readonly isPre: boolean;
  readonly isGranted: boolean;
  readonly config: VoterConfig | undefined;
}

/** The leader of the term gave up, so that the receiver is elected. */
export interface Transfer {
  readonly term: number;
}

/** What a founding election says; see `Founding`. */
export type FoundingStep = 'hello' | 'ask' | 'promise' | 'propose' | 'accept' | 'refuse';
export interface FoundingMessage {
  readonly step: FoundingStep;
  /** Digest of the founding set. */
  readonly set: string;
  /** The sender's place in it. */
  readonly address: string;
  readonly term: number;
  readonly config: VoterConfig | undefined;
  /** The proposal is of a cluster that nobody can have heard of before: its id was drawn for this message. */
  readonly isFirst: boolean;
}

/**
 * A term from further ahead is not one that elections led to. But a lie, and another after it, may have brought an honest
 * member there: what it says is not understood yet, and followed by so much at a time.
 */
export const termLeapMax = 1_000_000;
const versionMax = 1_000_000_000_000;
const textMax = 256;
const steps: ReadonlySet<unknown> = new Set(['hello', 'ask', 'promise', 'propose', 'accept', 'refuse']);

/** Whether a message speaks of a term that is too far ahead. */
export function isLeap(body: unknown, ownTerm: number): boolean {
  const { term, asked, transferTerm, config } = fields(body);
  const configTerm = typeof config === 'object' && config !== null && 'term' in config ? config.term : undefined;
  return [term, asked, transferTerm, configTerm].some(
    (each) => typeof each === 'number' && Number.isSafeInteger(each) && each > ownTerm + termLeapMax,
  );
}

export function readHeartbeat(body: unknown, ownTerm: number): Heartbeat {
  const { term, sequence, isSettled, config } = fields(body);
  return {
    term: readTerm(term, ownTerm),
    sequence: readCount(sequence),
    isSettled: isSettled === true,
    config: readConfig(config, ownTerm),
  };
}

export function readAcknowledgement(body: unknown, ownTerm: number): Acknowledgement {
  const { term, sequence, config, isLeaving, patienceMs } = fields(body);
  return {
    term: readTerm(term, ownTerm),
    sequence: isAbsent(sequence) ? undefined : readCount(sequence),
    config: isAbsent(config) ? undefined : readConfig(config, ownTerm),
    isLeaving: isLeaving === true,
    patienceMs: isAbsent(patienceMs) ? undefined : readCount(patienceMs),
  };
}

export function readVoteRequest(body: unknown, ownTerm: number): VoteRequest {
  const { term, isPre, transferTerm, config } = fields(body);
  return {
    term: readTerm(term, ownTerm),
    isPre: isPre === true,
    transferTerm: isAbsent(transferTerm) ? undefined : readTerm(transferTerm, ownTerm),
    config: readConfig(config, ownTerm),
  };
}

export function readVote(body: unknown, ownTerm: number): Vote {
  const { asked, term, isPre, isGranted, config } = fields(body);
  return {
    asked: readTerm(asked, ownTerm),
    term: readTerm(term, ownTerm),
    isPre: isPre === true,
    isGranted: isGranted === true,
    config: isAbsent(config) ? undefined : readConfig(config, ownTerm),
  };
}

export function readTransfer(body: unknown, ownTerm: number): Transfer {
  return { term: readTerm(fields(body)['term'], ownTerm) };
}

export function readFounding(body: unknown, ownTerm: number): FoundingMessage {
  const { step, set, address, term, config, isFirst } = fields(body);
  if (!steps.has(step)) throw leaderFaults.bad_election_message('Unknown step of a founding election.');
  return {
    step: step as FoundingStep,
    set: readText(set),
    address: readText(address),
    term: readTerm(term, ownTerm),
    config: isAbsent(config) ? undefined : readConfig(config, ownTerm, 0),
    isFirst: isFirst === true,
  };
}

/** A configuration with one to `votersMax` different voters; `versionMin` is 0 where proposals are allowed. */
export function readConfig(value: unknown, ownTerm: number, versionMin = 1): VoterConfig {
  const { clusterId, term, version, voters } = fields(value);
  if (!Array.isArray(voters) || voters.length === 0 || voters.length > votersMax) {
    throw leaderFaults.bad_election_message('A configuration without voters, or with too many.');
  }
  const names = voters.map(readText).toSorted();
  if (new Set(names).size !== names.length) throw leaderFaults.bad_election_message('A voter is named twice.');
  const count = readCount(version);
  if (count < versionMin || count > versionMax) throw leaderFaults.bad_election_message('Version out of bounds.');
  return { clusterId: readText(clusterId), term: readTerm(term, ownTerm), version: count, voters: names };
}

export function readNode(body: unknown): NodeId {
  return readText(fields(body)['node']);
}

export function readTerm(value: unknown, ownTerm: number): number {
  const term = readCount(value);
  if (term > ownTerm + termLeapMax) throw leaderFaults.bad_election_message('A term from too far ahead.');
  return term;
}

function readCount(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw leaderFaults.bad_election_message('Not a whole number.');
}

function readText(value: unknown): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= textMax) return value;
  throw leaderFaults.bad_election_message('Not a name.');
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw leaderFaults.bad_election_message('Not a message.');
}

/** MessagePack turns undefined into null. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
