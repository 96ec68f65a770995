/** What may be said of voter configurations without knowing who is alive. */
import { createHash } from 'node:crypto';
import type { Random } from '../../kit/random.ts';
import type { NodeId } from '../membership/contract.ts';
import type { VoterConfig } from './contract.ts';

/** As many as `cluster.voters` takes. Members agree among themselves on up to `agreedVotersMax`. */
export const votersMax = 9;
/** Seven bear the loss of three; more only make each heartbeat wait for more. */
export const agreedVotersMax = 7;

const staticPrefix = 'static-';

/** The voters that a person named: the same identity and stamp at every node with the same list. */
export function staticConfig(names: readonly NodeId[]): VoterConfig {
  const voters = [...new Set(names)].toSorted();
  const digest = createHash('sha256').update(voters.join('\n')).digest('hex').slice(0, 32);
  return { clusterId: staticPrefix + digest, term: 0, version: 1, voters };
}

/** Tells a cluster that the members agree on from any other. */
export function newClusterId(random: Random): string {
  return Buffer.from(random.bytes(16)).toString('hex');
}

/** Whether its voters were named by a person; nobody changes those. */
export function isStatic(config: VoterConfig): boolean {
  return config.clusterId.startsWith(staticPrefix);
}

/**
 * Whether a founding election has proposed it and nobody knows yet whether it was chosen. It counts for nothing outside
 * of founding.
 */
export function isProposal(config: VoterConfig): boolean {
  return config.version === 0;
}

/** Whether it is the proposal that became `founded`: who accepted it was there before the cluster was. */
export function isProposalOf(proposal: VoterConfig | undefined, founded: VoterConfig): boolean {
  return proposal !== undefined && isProposal(proposal) && proposal.clusterId === founded.clusterId;
}

/** More than half. */
export function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}

/** Whether those of `nodes` who are voters are a majority of them. */
export function isMajority(config: VoterConfig, nodes: ReadonlySet<NodeId>): boolean {
  return config.voters.filter((voter) => nodes.has(voter)).length >= majorityOf(config.voters.length);
}

/** Orders configurations of one cluster: by term, then by version. */
export function compareConfigs(one: VoterConfig, other: VoterConfig): number {
  return one.term - other.term || one.version - other.version;
}

export function isSameConfig(one: VoterConfig, other: VoterConfig): boolean {
  return one.clusterId === other.clusterId && compareConfigs(one, other) === 0;
}

/** One voter more: any majority of it meets any majority of `config`. */
export function withVoter(config: VoterConfig, node: NodeId): VoterConfig {
  return { ...config, version: config.version + 1, voters: [...config.voters, node].toSorted() };
}

/** One voter less, with the same overlap. */
export function withoutVoter(config: VoterConfig, node: NodeId): VoterConfig {
  return { ...config, version: config.version + 1, voters: config.voters.filter((voter) => voter !== node) };
}

/**
 * Which of two clusters that met goes on: one with voters named by a person before one without, then the one with more
 * voters, then the one with the greater id.
 */
export function isPreferredCluster(other: VoterConfig, own: VoterConfig): boolean {
  if (isStatic(other) !== isStatic(own)) return isStatic(other);
  if (other.voters.length !== own.voters.length) return other.voters.length > own.voters.length;
  return other.clusterId > own.clusterId;
}
