import { encodeClaim } from '../../../cluster/membership/claim.ts';
import type { Member, MemberState } from '../../../cluster/membership/contract.ts';
import type { Body } from '../../../cluster/post/contract.ts';
import type { Random } from '../../../kit/random.ts';
import type { SimProcess } from '../world/sim-process.ts';
import { pick } from '../world/streams.ts';
import { accounts } from '../workload/issuer.ts';
import { buckets } from '../workload/limits.ts';

/** A well-formed message that is not true; `isQuestion`: it is asked, and the answer is not listened to. */
export interface Lie {
  readonly kind: string;
  readonly body: Body;
  readonly isQuestion?: boolean;
}

/** What a liar knows: itself, and another of whom it lies. */
export interface Occasion {
  readonly liar: SimProcess;
  readonly victim: Member;
  readonly random: Random;
}

type Invention = (occasion: Occasion) => Lie;

const dayMs = 86_400_000;
const farMs = 365 * dayMs;
const terms = [-3, 0, 1, 7, 900_000];
const ghostsMax = 10;

/** One of all the lies that a member can tell, which knows the secret and the protocol. */
export function invent(occasion: Occasion): Lie {
  const lie = pick(occasion.random, inventions) ?? forgedStanding;
  return lie(occasion);
}

/** Death notices, suspicions, and lives, in incarnations old, present, of the day and of no day. */
function forgedStanding({ victim, random, liar }: Occasion): Lie {
  const aheadMs = pick(random, [-1, 0, 1, 1000, dayMs - 5000, 3 * dayMs, farMs]) ?? 0;
  const state: MemberState = pick(random, ['alive', 'suspect', 'dead', 'left']) ?? 'dead';
  const peer = random.next() < 0.2 ? liar.host.peer : victim.peer;
  const startedAtMs = victim.startedAtMs + (random.next() < 0.2 ? 1 : 0);
  const facts = { ...victim, incarnation: Math.max(0, victim.incarnation + aheadMs), peer, startedAtMs };
  const by = random.next() < 0.5 ? liar.nodeId : victim.nodeId;
  return { kind: 'swim.news', body: { c: [encodeClaim({ facts, state, by })] } };
}

/** Members that do not exist. */
function ghosts({ victim, random }: Occasion): Lie {
  const claims = Array.from({ length: 1 + random.below(ghostsMax) }, (_, index) => {
    const nodeId = `ghost${random.below(4 * ghostsMax)}`;
    const facts = { ...victim, nodeId, peer: `12D3KooWGhost${index}`, address: '10.9.9.9:3000', meshAddresses: [] };
    return encodeClaim({ facts, state: 'alive', by: undefined });
  });
  return random.next() < 0.5
    ? { kind: 'swim.news', body: { c: claims } }
    : { kind: 'swim.table', body: { c: claims }, isQuestion: true };
}

/** Answers to probes that were never sent. */
function unasked({ random, victim }: Occasion): Lie {
  const sequence = random.below(200);
  return (
    pick(random, [
      { kind: 'swim.ack', body: { n: sequence } },
      { kind: 'swim.nack', body: { n: sequence } },
      { kind: 'swim.help', body: { n: sequence, t: victim.nodeId, p: victim.peer } },
      { kind: 'leader/transfer', body: { term: random.below(50) } },
    ]) ?? { kind: 'swim.ack', body: { n: sequence } }
  );
}

/** State in another's name: keys, floors and versions that the other never reached. */
function forgedState({ victim, random, liar }: Occasion): Lie {
  const owner = random.next() < 0.2 ? liar.parts.membership.self : victim;
  const to = pick(random, [1, 5, 60, 1000, 2 ** 51, 2 ** 52]) ?? 1;
  const delta = {
    n: owner.nodeId,
    i: Math.max(0, owner.incarnation + (pick(random, [-1, 0, 0, 0, 1, farMs]) ?? 0)),
    f: random.next() < 0.5 ? 0 : to - 1,
    t: to,
    g: random.next() < 0.3 ? to : 0,
    e: [[`load/${pick(random, ['a', 'b', 'c'])}`, to, { serial: liar.serial, count: random.below(1000) }]],
  };
  return { kind: 'gossip/push', body: { d: [delta], p: random.below(12) } };
}

/** Claims to know more of others than they said; as long a list as there may be. */
function forgedDigest({ victim, random }: Occasion): Lie {
  const version = pick(random, [1, 1000, 2 ** 51, 2 ** 53 - 1]) ?? 1;
  const known = Array.from({ length: random.next() < 0.1 ? 1024 : 1 }, (_, index) => [
    index === 0 ? victim.nodeId : `ghost${index}`,
    victim.incarnation,
    version,
    random.next() < 0.5 ? version : 0,
  ]);
  return { kind: 'gossip/sync', body: { k: known, o: random.next() < 0.5 }, isQuestion: true };
}

/** Writes in anybody's name, of any time, deletions and clears among them; many at once. */
function forgedRecords({ victim, random, liar }: Occasion): Lie {
  const nowMs = liar.clock.nowMs();
  const table = pick(random, ['accounts', 'settings', 'clears', 'foreign', `t${random.below(10)}`]) ?? 'accounts';
  const records = Array.from({ length: random.next() < 0.1 ? 500 : 1 }, (_, index) => [
    table,
    index === 0 ? `${random.below(8)}` : `x by ${index}`,
    Math.floor(nowMs + (pick(random, [-farMs, 0, 5000, 9000, farMs, 2 ** 48 - nowMs]) ?? 0)),
    pick(random, [0, 7, 2 ** 32]),
    victim.nodeId,
    random.next() < 0.3,
    { count: 1 },
  ]);
  return { kind: 'records/push', body: { r: records, p: random.below(12) } };
}

/** A token that nobody got, in a term that was, is, or never will be. */
function forgedToken({ victim, random, liar }: Occasion): Lie {
  const account = pick(random, accounts) ?? 'q1';
  const term = Math.max(0, liar.parts.election.term + (pick(random, terms) ?? 0));
  const record = [
    'tokens',
    account,
    term,
    1,
    victim.nodeId,
    false,
    { token: `${account}.0.forged`, needsLogin: false },
  ];
  return random.next() < 0.5
    ? { kind: 'records/push', body: { r: [record], p: 8 } }
    : { kind: 'records/confirm', body: { r: record }, isQuestion: true };
}

/** Votes for everybody, candidacies and heartbeats of terms that were, are, or never will be. */
function forgedElection({ random, liar }: Occasion): Lie {
  const { election } = liar.parts;
  const term = Math.max(0, election.term + (pick(random, terms) ?? 0));
  const { config } = election;
  const isPre = random.next() < 0.5;
  const lies: Lie[] = [
    { kind: 'leader/vote', body: { asked: term, term: election.term, isPre, isGranted: true } },
    { kind: 'leader/vote', body: { asked: election.term, term, isPre, isGranted: false } },
    { kind: 'leader/ack', body: { term, sequence: random.below(200), config, isLeaving: false, patienceMs: 1e9 } },
    { kind: 'leader/ask', body: { term, isPre, config, transferTerm: isPre ? undefined : term - 1 } },
    { kind: 'leader/heartbeat', body: { term, sequence: random.below(200), isSettled: true, config } },
  ];
  return pick(random, config?.voters.includes(liar.nodeId) === true ? lies : lies.slice(0, 3)) ?? unaskedAck;
}

/** Other voters: only where a person named them is it promised that nobody listens. */
function forgedVoters({ random, liar, victim }: Occasion): Lie {
  const config = { clusterId: 'static-forged', term: liar.parts.election.term + 1, version: 9, voters: [liar.nodeId] };
  if (!liar.world.plan.hasStaticVoters) return unaskedAck;
  const own = { ...config, clusterId: liar.parts.election.config?.clusterId ?? 'none' };
  return { kind: 'leader/config', body: random.next() < 0.5 ? own : { ...config, voters: [victim.nodeId] } };
}

/** What came of acts that never were. */
function forgedIntents({ victim, random, liar }: Occasion): Lie {
  const { election } = liar.parts;
  const intent = {
    key: `token/${pick(random, accounts)}`,
    generation: `${random.below(20)}`,
    holder: random.next() < 0.5 ? liar.nodeId : victim.nodeId,
    fence: { term: Math.max(0, election.term + (pick(random, terms) ?? 0)), sequence: random.below(1000) },
    state: pick(random, ['intended', 'spent', 'released']),
    notedAtMs: 0,
    // The longest would outlast the world.
    budgetMs: pick(random, [0, 3000]),
  };
  const config = election.config;
  const stamp = config === undefined ? 'none' : `${config.clusterId}/${config.term}/${config.version}`;
  return random.next() < 0.6
    ? { kind: 'intents/keep', body: { intents: [intent], isAll: random.next() < 0.5 }, isQuestion: true }
    : { kind: 'intents/note', body: { config: stamp, intent: { ...intent, budgetMs: 3000 } }, isQuestion: true };
}

/** Borrows all it can, gives back what it never had, or had and took, and says that it counts by anything. */
function forgedUnits({ random, liar }: Occasion): Lie {
  const b = pick(random, buckets) ?? '';
  const i = random.below(3) === 0 ? random.below(1000) : random.below(2 ** 31) * 256 + random.below(50);
  const { config } = liar.parts.election;
  const stamp = config === undefined ? 'none' : `${config.clusterId}/${config.term}/${config.version}`;
  const delta = {
    n: liar.nodeId,
    i: liar.parts.membership.self.incarnation,
    f: 0,
    t: 2 ** 30 + random.below(1000),
    g: 0,
    e: [['quotas', 2 ** 30, { c: stamp, o: [liar.nodeId], b: true }]],
  };
  return (
    pick<Lie>(random, [
      { kind: 'quota/borrow', body: { b, w: pick(random, [1, 50, 2 ** 40]), i }, isQuestion: true },
      { kind: 'quota/return', body: { b, i, s: [[random.below(5000), random.below(20)]] } },
      { kind: 'quota/return', body: { b, i, s: [] } },
      { kind: 'quota/held', body: {}, isQuestion: true },
      { kind: 'gossip/push', body: { d: [delta], p: 0 } },
    ]) ?? unaskedAck
  );
}

const unaskedAck: Lie = { kind: 'swim.ack', body: { n: 1 } };

const inventions: readonly Invention[] = [
  forgedStanding,
  forgedStanding,
  ghosts,
  unasked,
  forgedState,
  forgedState,
  forgedDigest,
  forgedRecords,
  forgedRecords,
  forgedToken,
  forgedElection,
  forgedElection,
  forgedVoters,
  forgedIntents,
  forgedUnits,
  forgedUnits,
];
