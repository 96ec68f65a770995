import type { Environment } from '../environment.ts';
import type { Post } from '../post/contract.ts';
import type { PeerId } from '../transport/contract.ts';
import { postFaults } from '../post/faults.ts';
import { Awareness } from './awareness.ts';
import { decodeClaim, encodeClaim, type Claim } from './claim.ts';
import type {
  Member,
  MemberFacts,
  Membership,
  MembershipDesk,
  MembershipObserver,
  NodeId,
  Welcome,
} from './contract.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { sayFarewell } from './farewell.ts';
import { Herald, newsKind } from './herald.ts';
import { claimsOf, Judge } from './judge.ts';
import { Prober, type ProbeFailure } from './prober.ts';
import { PunctualTimers } from './punctual-timers.ts';
import { Relays } from './relays.ts';
import { isLiveState, Roster } from './roster.ts';
import { Round } from './round.ts';
import { SelfDefence } from './self-defence.ts';
import { shuffled } from './shuffled.ts';
import { Suspicions } from './suspicions.ts';
import { claimsIn, digestIn, helpIn, sequenceIn, swimKinds } from './swim-message.ts';

/** A table of a thousand members is 300 KB. */
const tableTimeoutMs = 2000;
/** Members out of reach that are asked after in one period, beside the one whose turn it is. */
const unreachableProbesMax = 4;

export interface SwimOptions extends Environment {
  readonly facts: MemberFacts;
  readonly post: Post;
  /** Recent delay of the event loop. */
  readonly loopDelayMs: () => number;
  /** Told of every incarnation that this node takes, to keep it on disk: the next start must take a higher one. */
  readonly onIncarnation: (incarnation: number) => void;
}

/**
 * Membership by SWIM (Das, Gupta, Motivala 2002) with Lifeguard's additions (Dadgar, Phillips, Currey 2017). Each probe
 * period one member is asked for a sign of life, directly and then through others; one that gives none is suspected,
 * and dead when it does not refute in time. Probes carry a digest of the table; unequal tables are exchanged.
 */
export class SwimMembership implements Membership, MembershipDesk {
  readonly #options: SwimOptions;
  readonly #roster: Roster;
  readonly #timers: PunctualTimers;
  readonly #awareness: Awareness;
  readonly #suspicions: Suspicions;
  readonly #herald: Herald;
  readonly #judge: Judge;
  readonly #defence: SelfDefence;
  readonly #doorkeeper: Doorkeeper;
  readonly #prober: Prober;
  readonly #relays: Relays;
  readonly #round: Round;
  readonly #observers: MembershipObserver[] = [];
  #phase: 'new' | 'running' | 'leaving' | 'stopped' = 'new';
  #isTicking = false;
  #graceUntilMs = 0;
  #comparedMs = -Infinity;

  constructor(options: SwimOptions) {
    const { clock, random, timing, facts, post } = options;
    this.#options = options;
    this.#timers = new PunctualTimers(clock, timing.probePeriodMs, (lateMs) => this.#stoodStill(lateMs));
    this.#roster = new Roster(clock, timing.deadKeepMs, facts);
    this.#awareness = new Awareness(timing.probeTimeoutMs, options.loopDelayMs);
    this.#suspicions = new Suspicions(clock, this.#timers, (node, sinceMs) => this.#judge.expire(node, sinceMs));
    this.#round = new Round(random);
    this.#herald = new Herald({ post, roster: this.#roster, random, timing });
    this.#judge = this.#makeJudge();
    this.#defence = this.#makeDefence();
    this.#doorkeeper = this.#makeDoorkeeper();
    this.#prober = this.#makeProber();
    this.#relays = this.#makeRelays();
    this.#roster.observe({ memberChanged: () => this.#tickIfNeeded() });
    this.#listen();
  }

  get self(): Member {
    return this.#roster.self;
  }

  get all(): readonly Member[] {
    return this.#roster.all;
  }

  get live(): readonly Member[] {
    return this.#roster.live;
  }

  get version(): number {
    return this.#roster.version;
  }

  get awareness(): number {
    return this.#awareness.level;
  }

  /** Suspicions begun since the start. */
  get suspicions(): number {
    return this.#judge.suspicionsCount;
  }

  /** Claims that were not believed since the start. */
  get claimsRefused(): number {
    return this.#judge.refusedCount;
  }

  get(node: NodeId): Member | undefined {
    return this.#roster.get(node);
  }

  isLive(node: NodeId): boolean {
    const entry = this.#roster.get(node);
    return entry !== undefined && isLiveState(entry.state);
  }

  observe(observer: MembershipObserver): void {
    this.#observers.push(observer);
    this.#roster.observe(observer);
  }

  start(): void {
    this.#phase = 'running';
    this.#tickIfNeeded();
  }

  /** Says left to all that can be reached. `done` when they have acknowledged, or after half a second. */
  leave(done: () => void): void {
    const { post, clock } = this.#options;
    this.#phase = 'leaving';
    this.#quieten();
    sayFarewell(post, clock, { facts: this.#roster.self, state: 'left', by: undefined }, done);
  }

  stop(): void {
    this.#phase = 'stopped';
    this.#quieten();
    this.#roster.stop();
  }

  introduced(facts: MemberFacts): Welcome {
    return this.#doorkeeper.introduced(facts);
  }

  doubted(node: NodeId): void {
    this.#probe(node);
  }

  refused(node: NodeId, peer: PeerId): void {
    if (this.#phase === 'running') this.#judge.noListener(node, peer);
  }

  heard(node: NodeId): void {
    const entry = this.#roster.get(node);
    if (entry !== undefined) entry.lastHeardMs = this.#options.clock.monotonicMs();
  }

  get digest(): string {
    return this.#roster.digest;
  }

  table(digest?: unknown): unknown {
    return { c: digest === this.#roster.digest ? [] : claimsOf(this.#roster).map(encodeClaim) };
  }

  learned(from: NodeId, table: unknown): void {
    this.#learn(from, claimsIn(table));
  }

  #makeJudge(): Judge {
    const { clock, timing, post } = this.#options;
    return new Judge({
      clock,
      timing,
      post,
      roster: this.#roster,
      herald: this.#herald,
      suspicions: this.#suspicions,
      awareness: this.#awareness,
      graceUntilMs: () => this.#graceUntilMs,
      probe: (node) => this.#probe(node),
    });
  }

  #makeDefence(): SelfDefence {
    return new SelfDefence({
      roster: this.#roster,
      herald: this.#herald,
      awareness: this.#awareness,
      onIncarnation: this.#options.onIncarnation,
      onTaken: (holder) => {
        for (const observer of this.#observers) observer.nodeIdTaken?.(holder);
      },
    });
  }

  #makeDoorkeeper(): Doorkeeper {
    return new Doorkeeper({
      clock: this.#options.clock,
      roster: this.#roster,
      judge: this.#judge,
      herald: this.#herald,
      probe: (node) => this.#probe(node),
    });
  }

  #makeProber(): Prober {
    const { clock, timing } = this.#options;
    return new Prober({
      clock,
      timers: this.#timers,
      timeoutMs: () => timing.probeTimeoutMs * this.#awareness.stretch,
      ping: (target, sequence) => this.#ping(target, sequence),
      askHelpers: (target, sequence) => this.#askHelpers(target, sequence),
      lastHeardMs: (node) => this.#roster.get(node)?.lastHeardMs,
      onAlive: (node, roundTripMs) => this.#wasAlive(node, roundTripMs),
      onFailed: (node, failure) => this.#wasSilent(node, failure),
    });
  }

  #makeRelays(): Relays {
    const { clock, timing, post } = this.#options;
    return new Relays({
      clock,
      timers: this.#timers,
      timeoutMs: 0.8 * timing.probeTimeoutMs,
      nextSequence: () => this.#prober.nextSequence(),
      ping: (target, sequence) => this.#ping(target, sequence),
      lastHeardMs: (node) => this.#roster.get(node)?.lastHeardMs,
      answer: (asker, sequence, isAlive) => post.send(asker, isAlive ? swimKinds.ack : swimKinds.nack, { n: sequence }),
    });
  }

  #listen(): void {
    const { post } = this.#options;
    post.on(swimKinds.ping, (from, body) => this.#onPing(from, body));
    post.on(swimKinds.ack, (from, body) => this.#onAck(from, body));
    post.on(swimKinds.help, (from, body) => this.#onHelp(from, body));
    post.on(swimKinds.nack, (from, body) => this.#prober.refused(from, sequenceIn(body)));
    post.on(newsKind, (from, body) => this.#learn(from, claimsIn(body)));
    post.serve(swimKinds.table, (from, body, answer) => {
      this.#learn(from, claimsIn(body));
      answer(this.table());
    });
    post.serve(swimKinds.left, (from, body, answer) => {
      const claim = decodeClaim(body);
      if (claim.facts.nodeId !== from) throw postFaults.peer_message_malformed('It says of another that it left.');
      this.#learn(from, [claim]);
      answer(true);
    });
  }

  #onPing(from: NodeId, body: unknown): void {
    const sequence = sequenceIn(body);
    this.#learn(from, claimsIn(body));
    this.#options.post.send(from, swimKinds.ack, { n: sequence, c: this.#herald.riders(from) });
    if (digestIn(body) !== this.#roster.digest) this.#compareTables(from);
  }

  #onAck(from: NodeId, body: unknown): void {
    const sequence = sequenceIn(body);
    this.#learn(from, claimsIn(body));
    if (!this.#prober.acknowledged(from, sequence)) this.#relays.acknowledged(from, sequence);
  }

  #onHelp(from: NodeId, body: unknown): void {
    const sequence = sequenceIn(body);
    const { target, peer } = helpIn(body);
    // While two nodes have one name, the life of one says nothing of the other.
    if (this.#roster.get(target)?.peer === peer) this.#relays.begin(from, sequence, target);
    else this.#options.post.send(from, swimKinds.nack, { n: sequence });
  }

  #learn(from: NodeId, claims: readonly Claim[]): void {
    if (this.#phase === 'stopped') return;
    const { nodeId } = this.#roster.self;
    const changed: Claim[] = [];
    const knownCount = this.#roster.live.length;
    this.#roster.together(() => {
      for (const claim of claims) {
        if (claim.facts.nodeId === nodeId) this.#defend(claim, from);
        else if (this.#judge.consider(claim, from)) changed.push(claim);
      }
    });
    // A newcomer that is told of the whole mesh is the only one to whom that is news.
    if (changed.length <= knownCount) this.#herald.passOn(changed);
  }

  #defend(claim: Claim, from: NodeId): void {
    if (this.#phase === 'running' && this.#judge.isCredible(claim, from)) this.#defence.consider(claim);
  }

  /** At most one table a period, so that a mesh in turmoil does not drown in them. */
  #compareTables(other: NodeId): void {
    const { clock, timing, post } = this.#options;
    if (this.#phase !== 'running' || clock.monotonicMs() - this.#comparedMs < timing.probePeriodMs) return;
    this.#comparedMs = clock.monotonicMs();
    post.ask(other, swimKinds.table, this.table(), tableTimeoutMs, (answer) => {
      if (answer !== undefined) this.#learn(other, claimsIn(answer));
    });
  }

  #tickIfNeeded(): void {
    if (this.#isTicking || this.#phase !== 'running' || this.#roster.othersCount === 0) return;
    this.#isTicking = true;
    // The first one anywhere in the period, so that members who started together do not probe together.
    this.#timers.after(this.#options.random.next() * this.#options.timing.probePeriodMs, () => this.#tick());
  }

  #tick(): void {
    this.#isTicking = this.#phase === 'running' && this.#roster.othersCount > 0;
    if (!this.#isTicking) return;
    this.#timers.after(this.#options.timing.probePeriodMs, () => this.#tick());
    const next = this.#round.next(
      () => this.#roster.live.filter(({ isSelf }) => !isSelf).map(({ nodeId }) => nodeId),
      (node) => this.isLive(node),
    );
    if (next !== undefined) this.#probe(next);
    this.#askAfterUnreachable();
  }

  #askAfterUnreachable(): void {
    const { post } = this.#options;
    const missing = this.#roster.live.filter(
      ({ nodeId, isSelf, state }) => !isSelf && state === 'alive' && !post.isReachable(nodeId),
    );
    for (const { nodeId } of shuffled(missing, this.#options.random).slice(0, unreachableProbesMax)) {
      this.#probe(nodeId);
    }
  }

  #probe(node: NodeId): void {
    if (this.#phase === 'running' && node !== this.#roster.self.nodeId && this.isLive(node)) this.#prober.probe(node);
  }

  #ping(target: NodeId, sequence: number): boolean {
    const { post } = this.#options;
    if (!post.isReachable(target)) return false;
    return post.send(target, swimKinds.ping, { n: sequence, h: this.#roster.digest, c: this.#herald.riders(target) });
  }

  #askHelpers(target: NodeId, sequence: number): readonly NodeId[] {
    const { post, random, timing } = this.#options;
    const peer = this.#roster.get(target)?.peer;
    const able = post.reachable().filter((node) => node !== target && this.#roster.get(node)?.state === 'alive');
    return shuffled(able, random)
      .slice(0, timing.indirectProbes)
      .filter((helper) => post.send(helper, swimKinds.help, { n: sequence, t: target, p: peer }));
  }

  #wasAlive(node: NodeId, roundTripMs: number | undefined): void {
    const entry = this.#roster.get(node);
    if (entry === undefined) return;
    entry.provenMs = this.#options.clock.monotonicMs();
    if (roundTripMs === undefined) return;
    entry.rttMs = roundTripMs;
    this.#awareness.improve();
  }

  #wasSilent(node: NodeId, { helpers, nacks, isUnreachable }: ProbeFailure): void {
    if (helpers > 0) this.#awareness.worsen(helpers - nacks);
    else if (!isUnreachable) this.#awareness.worsen();
    this.#judge.accuse(node);
  }

  /** What this node did not hear while it stood still says nothing about the others. */
  #stoodStill(lateMs: number): void {
    const { clock, timing } = this.#options;
    const graceMs = Math.min(timing.suspicionMaxMs, Math.max(2 * lateMs, 2 * timing.probeTimeoutMs));
    this.#graceUntilMs = Math.max(this.#graceUntilMs, clock.monotonicMs() + graceMs);
    this.#prober.drop();
    this.#relays.drop();
    this.#awareness.worsen();
  }

  #quieten(): void {
    this.#prober.drop();
    this.#relays.drop();
    this.#suspicions.endAll();
    this.#timers.cancelAll();
    this.#isTicking = false;
  }
}
