import type { Environment } from '../../../cluster/environment.ts';
import { Gossip } from '../../../cluster/gossip/gossip.ts';
import { MajorityIntents } from '../../../cluster/intents/majority-intents.ts';
import { Election } from '../../../cluster/leader/election.ts';
import { Links } from '../../../cluster/links/links.ts';
import type { MemberFacts } from '../../../cluster/membership/contract.ts';
import { SwimMembership } from '../../../cluster/membership/swim.ts';
import type { Post } from '../../../cluster/post/contract.ts';
import { PeerPost } from '../../../cluster/post/peer-post.ts';
import { SharedQuotas } from '../../../cluster/quota/shared-quotas.ts';
import { ReplicatedRecords } from '../../../cluster/replicated/replicated-records.ts';
import type { PartName } from '../bugs/planted-bug.ts';
import { longestWindowMs, ruleOf } from '../workload/limits.ts';
import { fencedTables } from '../workload/record-writer.ts';
import { CheckedPost } from './checked-post.ts';
import type { SimProcess } from './sim-process.ts';
import { intentStore, quotaStore, recordStore, voteStore } from './stores.ts';
import { randomStream } from './streams.ts';

/** The mesh of one process. */
export interface Parts {
  readonly post: PeerPost;
  readonly membership: SwimMembership;
  readonly gossip: Gossip;
  readonly records: ReplicatedRecords;
  readonly election: Election;
  readonly intents: MajorityIntents;
  readonly quotas: SharedQuotas;
  readonly links: Links;
}

/** Builds the parts as a node does, over what is simulated, with a planted bug in between. */
export function compose(process: SimProcess): Parts {
  const { world, host, transport } = process;
  const { kept } = host;
  const { bug, plan } = world;
  const facts = ownFacts(process);
  const { codec } = world;
  const post = new PeerPost({ ...environment(process, 'links'), self: host.nodeId, transport, codec });
  if (world.isFormed) {
    for (const { peer, nodeId } of world.hosts) if (nodeId !== host.nodeId) post.bind(peer, nodeId);
  }
  const postFor = (part: PartName): Post => {
    const checked = new CheckedPost(post, process);
    return bug?.post?.(part, checked, process) ?? checked;
  };
  const membership = new SwimMembership({
    ...environment(process, 'membership'),
    facts,
    post: postFor('membership'),
    loopDelayMs: () => process.loopDelayMs(),
    onIncarnation: (incarnation) => process.write(() => (kept.incarnation = incarnation), ignored),
  });
  const membershipFor = (part: PartName) => bug?.membership?.(part, membership, process) ?? membership;
  const gossip = new Gossip({
    ...environment(process, 'gossip'),
    post: postFor('gossip'),
    membership: membershipFor('gossip'),
  });
  const keptRecords = [...kept.records.values()];
  const recordsStore = recordStore(kept, process.write);
  const records = new ReplicatedRecords({
    ...environment(process, 'records'),
    post: postFor('records'),
    membership: membershipFor('records'),
    store: bug?.recordStore?.(recordsStore) ?? recordsStore,
    kept: bug?.keptRecords?.(keptRecords) ?? keptRecords,
    fencedTables,
    knownTerm: () => election.term,
    isJoined: () => world.isFormed || links.isJoined,
  });
  const votes = voteStore(kept, process.write);
  const election: Election = new Election({
    ...environment(process, 'election'),
    post: postFor('election'),
    membership: membershipFor('election'),
    store: bug?.voteStore?.(votes, process) ?? votes,
    kept: bug?.keptVote === undefined ? kept.vote : bug.keptVote(kept.vote),
    founding: world.foundingOf(host),
    ownAddress: host.address,
    voters: plan.hasStaticVoters ? world.founders.map((each) => each.nodeId) : [],
    policy: bug?.policy ?? 'majority',
  });
  const intentsStore = intentStore(kept, process.write);
  const intents = new MajorityIntents({
    ...environment(process, 'intents'),
    post: postFor('intents'),
    membership: membershipFor('intents'),
    leadership: election,
    store: bug?.intentStore?.(intentsStore, process) ?? intentsStore,
    kept: [...kept.intents.values()].flat(),
  });
  const quotasStore = quotaStore(kept, process.write);
  const quotas = new SharedQuotas({
    ...environment(process, 'quotas'),
    random: randomStream(plan.seed, `quotas of ${process.serial}`),
    post: postFor('quotas'),
    membership: membershipFor('quotas'),
    state: bug?.quotaState?.(gossip, process) ?? gossip,
    leadership: election,
    store: bug?.quotaStore?.(quotasStore, process) ?? quotasStore,
    kept: bug?.keptQuotas === undefined ? kept.quotas : bug.keptQuotas(kept.quotas),
    isAlone: false,
    expectedWindowMs: longestWindowMs,
  });
  quotas.setRules(ruleOf);
  const links: Links = new Links({
    ...environment(process, 'links'),
    transport,
    post,
    membership: membershipFor('links'),
    facts: () => membership.self,
    seeds: world.seedsOf(host),
    ownAddress: host.address,
    resolver: { resolve: (seed, done) => world.resolve(process, seed, done) },
    proof: world.proof,
    onFatal: (fault) => world.fatal(process, fault),
  });
  return { post, membership, gossip, records, election, intents, quotas, links };
}

export function startParts(process: SimProcess): void {
  const { parts, transport } = process;
  process.application.listen();
  void transport.start(parts.links);
  parts.membership.start();
  parts.gossip.start();
  parts.records.start();
  parts.election.start();
  parts.intents.start();
  parts.quotas.start();
  parts.links.start();
}

function environment(process: SimProcess, part: PartName): Environment {
  const { world, clock, log, host } = process;
  const { bug, plan } = world;
  return {
    clock: bug?.clock?.(part, clock, process) ?? clock,
    timing: bug?.timing?.(part, plan.timing) ?? plan.timing,
    random: host.random,
    log,
  };
}

function ownFacts({ world, host, clock }: SimProcess): MemberFacts {
  const wallMs = clock.nowMs();
  const { incarnation: kept } = host.kept;
  const incarnation = world.bug?.incarnation?.(kept, wallMs) ?? Math.max(kept + 1, wallMs);
  host.kept.incarnation = incarnation;
  return {
    nodeId: host.nodeId,
    peer: host.peer,
    incarnation,
    address: host.address,
    meshAddresses: [`${host.place}/p2p/${host.peer}`],
    version: '0.1.0',
    startedAtMs: wallMs,
  };
}

function ignored(): void {
  // The incarnation is raised by the next start all the same.
}
