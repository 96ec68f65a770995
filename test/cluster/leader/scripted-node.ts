import type { VoterConfig, VoteState } from '../../../cluster/leader/contract.ts';
import { Election } from '../../../cluster/leader/election.ts';
import type { ElectionOptions } from '../../../cluster/leader/election-options.ts';
import type { Member, Membership, NodeId } from '../../../cluster/membership/contract.ts';
import type { Body, Post, PostObserver } from '../../../cluster/post/contract.ts';
import { timings } from '../../../cluster/timing.ts';
import { silentLog } from '../../../kit/log.ts';
import { seededRandom } from '../../../kit/random.ts';
import { ManualClock } from '../../manual-clock.ts';

export interface Sent {
  readonly to: NodeId;
  readonly kind: string;
  readonly body: Record<string, unknown>;
}

export const timing = timings.lan;

/** One real election, whose others are the test: it says what they say and sees what they are told. */
export class ScriptedNode {
  readonly clock = new ManualClock();
  readonly sent: Sent[] = [];
  readonly saved: VoteState[] = [];
  /** Writes wait here until the test lets them through. */
  heldWrites: ((error?: unknown) => void)[] | undefined;
  readonly election: Election;
  readonly #handlers = new Map<string, (from: NodeId, body: Body) => void>();
  readonly #observers: PostObserver[] = [];
  readonly #others: readonly NodeId[];

  constructor(self: NodeId, others: readonly NodeId[], options: Partial<ElectionOptions> = {}) {
    this.#others = others;
    this.election = new Election({
      clock: this.clock,
      random: seededRandom(1),
      log: silentLog,
      timing,
      post: this.#post(self),
      membership: membershipOf(self, others),
      store: {
        save: (state, done) => {
          if (this.heldWrites === undefined) this.#save(state, done);
          else this.heldWrites.push((error) => (error === undefined ? this.#save(state, done) : done(error)));
        },
      },
      kept: undefined,
      founding: [self],
      ownAddress: self,
      voters: [],
      policy: 'majority',
      ...options,
    });
  }

  hear(from: NodeId, kind: string, body: unknown): void {
    this.#handlers.get(`leader/${kind}`)?.(from, body);
  }

  reach(node: NodeId): void {
    for (const observer of this.#observers) observer.reached?.(node);
  }

  /** What was sent of a kind since the last look, taken out. */
  take(kind: string): Sent[] {
    const taken = this.sent.filter((sent) => sent.kind === `leader/${kind}`);
    this.sent.length = 0;
    return taken;
  }

  /** Stands and is elected by these. */
  becomeLeader(electors: readonly NodeId[]): number {
    for (let tries = 0; tries < 40 && this.take('heartbeat').length === 0; tries++) {
      this.clock.advance(timing.electionMinMs / 4);
      for (const isPre of [true, false]) {
        for (const { to, body } of this.sent.splice(0).filter(({ kind }) => kind === 'leader/ask')) {
          if (!electors.includes(to) || body['isPre'] !== isPre) continue;
          this.hear(to, 'vote', {
            asked: body['term'],
            term: Number(body['term']) - (isPre ? 1 : 0),
            isPre,
            isGranted: true,
          });
        }
      }
    }
    return this.election.term;
  }

  #save(state: VoteState, done: (error?: unknown) => void): void {
    this.saved.push(state);
    done();
  }

  #post(self: NodeId): Post {
    return {
      self,
      reachable: () => this.#others,
      isReachable: (node) => this.#others.includes(node),
      send: (to, kind, body) =>
        this.sent.push({ to, kind, body: structuredClone(body) as Record<string, unknown> }) > 0,
      broadcast: (kind, body) => {
        for (const to of this.#others)
          this.sent.push({ to, kind, body: structuredClone(body) as Record<string, unknown> });
        return this.#others.length;
      },
      on: (kind, handler) => void this.#handlers.set(kind, handler),
      ask: (_to, _service, _body, _timeoutMs, done) => done(undefined),
      serve: () => undefined,
      observe: (observer) => void this.#observers.push(observer),
    };
  }
}

export function configOf(voters: readonly NodeId[], term: number, version: number): VoterConfig {
  return { clusterId: 'c1', term, version, voters };
}

/** The others' acknowledgement of a heartbeat, with the configuration that they have. */
export function acknowledgement(heartbeat: Sent, config?: unknown): Record<string, unknown> {
  const { term, sequence } = heartbeat.body;
  return { term, sequence, config: config ?? heartbeat.body['config'] };
}

function membershipOf(self: NodeId, others: readonly NodeId[]): Membership {
  const live = [self, ...others].toSorted().map((nodeId): Member => ({
    nodeId,
    peer: nodeId,
    incarnation: 1,
    address: nodeId,
    meshAddresses: [],
    version: '0',
    startedAtMs: 0,
    state: 'alive',
    isSelf: nodeId === self,
    lastHeardMs: undefined,
    rttMs: undefined,
  }));
  return {
    self: live.find(({ isSelf }) => isSelf)!,
    all: live,
    live,
    version: 1,
    get: (node) => live.find(({ nodeId }) => nodeId === node),
    isLive: (node) => live.some(({ nodeId }) => nodeId === node),
    observe: () => undefined,
    awareness: 0,
  };
}
