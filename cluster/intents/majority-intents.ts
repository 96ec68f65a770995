import type { Environment } from '../environment.ts';
import type { Leadership } from '../leader/contract.ts';
import type { Membership, NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import { Carrying } from './carrying.ts';
import type {
  DoubtfulIntent,
  Grant,
  IntentRefusal,
  IntentRequest,
  Intents,
  IntentStore,
  StoredIntent,
} from './contract.ts';
import { intentFaults } from './faults.ts';
import { HeldGrant } from './held-grant.ts';
import {
  pageKeys,
  readKeepQuestion,
  readNoteQuestion,
  readReadQuestion,
  stampOf,
  type KeepAnswer,
  type NoteAnswer,
  type ReadAnswer,
} from './intent-messages.ts';
import { NoteRound } from './note-round.ts';
import { Settling } from './settling.ts';
import { VoterMemory } from './voter-memory.ts';

export interface MajorityIntentsOptions extends Environment {
  readonly post: Post;
  readonly membership: Membership;
  readonly leadership: Leadership;
  readonly store: IntentStore;
  readonly kept: readonly StoredIntent[];
}

/**
 * Acts that must happen at most once. The leader has a majority of the voters note who is about to act on which
 * generation of a key; from then on they refuse anybody else, until the act's time has passed and, if nobody said how
 * it ended, `doubtMs` more. That a generation is spent is told to a majority, and refused for good.
 *
 * Why two intents for one key cannot both be granted while the first may still act: both need a majority, two
 * majorities of the same voters share one voter, and that one refuses the second. Voters change one at a time, so this
 * holds for two configurations in a row too; and before they change again, `Carrying` has made everything known to a
 * majority of the current ones. Acknowledgements count only when given in the configuration that they are counted for.
 * A leader that was replaced fails at the voters that elected the other: they know a newer term.
 */
export class MajorityIntents implements Intents {
  readonly #options: MajorityIntentsOptions;
  readonly #memory: VoterMemory;
  readonly #carrying: Carrying;
  readonly #settling: Settling;
  readonly #rounds = new Set<NoteRound>();
  #sequence = 0;
  #isRunning = false;

  constructor(options: MajorityIntentsOptions) {
    this.#options = options;
    const { clock, store, kept, timing, post, leadership } = options;
    this.#memory = new VoterMemory({ clock, doubtMs: timing.doubtMs, store, kept });
    this.#carrying = new Carrying({ ...options, memory: this.#memory });
    this.#settling = new Settling({ ...options, memory: this.#memory });
    leadership.guardChanges?.((config, newcomer) => this.#carrying.isCarried(config, newcomer));
    leadership.observe({ clusterTaken: (isFounder) => this.#clusterTaken(isFounder) });
    post.serve('intents/note', (from, body, answer) => this.#onNote(from, body, answer));
    post.serve('intents/keep', (from, body, answer) => this.#onKeep(from, body, answer));
    post.serve('intents/read', (from, body, answer) => this.#onRead(from, body, answer));
  }

  /** Tells again what this node had spent before it stopped: whether a majority heard of it is not kept. */
  start(): void {
    this.#isRunning = true;
    const { self } = this.#options.post;
    const newest = new Map<string, StoredIntent>();
    for (const intent of this.#memory.all()) {
      if (intent.state === 'spent' && intent.holder === self && !newest.has(intent.key)) newest.set(intent.key, intent);
    }
    for (const intent of newest.values()) this.#settling.settle(intent);
  }

  stop(): void {
    this.#isRunning = false;
    for (const round of this.#rounds) round.stop();
    this.#carrying.stop();
    this.#settling.stop();
  }

  begin(request: IntentRequest, done: (result: Grant | IntentRefusal) => void): void {
    const { leadership, timing, post, clock } = this.#options;
    if (!this.#isRunning || !leadership.isSelf) return done('not_leader');
    const { config, term } = leadership;
    if (config === undefined) return done('no_majority');
    this.#carrying.ensure(config, (isCarried) => {
      if (!isCarried) return done('no_majority');
      if (!leadership.isSelf || leadership.term !== term) return done('not_leader');
      const intent: StoredIntent = {
        key: request.key,
        generation: request.generation,
        holder: post.self,
        fence: { term, sequence: ++this.#sequence },
        state: 'intended',
        notedAtMs: clock.nowMs(),
        budgetMs: request.budgetMs + timing.electionMinMs,
      };
      this.#ask(intent, done);
    });
  }

  doubtful(key: string): DoubtfulIntent | undefined {
    const intent = this.#memory.unresolved(key);
    if (intent === undefined) return undefined;
    const { generation, holder, fence } = intent;
    return { key, generation, holder, fence };
  }

  #ask(intent: StoredIntent, done: (result: Grant | IntentRefusal) => void): void {
    const { leadership, clock, timing } = this.#options;
    const askedAtMs = clock.monotonicMs();
    const round = new NoteRound({
      ...this.#options,
      intent,
      config: leadership.config,
      note: (answer) => this.#note(intent, answer),
      tellAll: (voter) => this.#carrying.push(voter),
      done: (refusal, isNoted) => {
        this.#rounds.delete(round);
        if (refusal === undefined) {
          const mustBeginByMs = askedAtMs + timing.leaseMs;
          done(new HeldGrant({ ...this.#options, settling: this.#settling, intent, mustBeginByMs }));
          return;
        }
        if (isNoted) this.#settling.settle({ ...intent, state: 'released' });
        done(refusal);
      },
    });
    this.#rounds.add(round);
    round.start();
  }

  /** This node as a voter. */
  #note(intent: StoredIntent, answer: (verdict: NoteAnswer['verdict']) => void): void {
    const { leadership } = this.#options;
    if (intent.fence.term < Math.max(leadership.term, this.#memory.newestTerm)) return answer('not_leader');
    if (this.#memory.isNew) return answer('new');
    const standing = this.#memory.standing(intent);
    if (standing === 'older') return answer('not_leader');
    if (standing !== 'free' && standing !== 'same') return answer(standing);
    this.#memory.begin(intent, (error) => answer(error === undefined || error === null ? 'noted' : 'not_durable'));
  }

  #onNote(from: NodeId, body: unknown, answer: (body: NoteAnswer) => void): void {
    if (!this.#isHeard(from)) return;
    const { config, intent } = readNoteQuestion(body);
    const { leadership, clock } = this.#options;
    if (intent.holder !== from || intent.state !== 'intended') {
      throw intentFaults.bad_intent_message("Another's intent.");
    }
    if (intent.fence.term > leadership.term) return answer({ verdict: 'not_leader' });
    if (config !== this.#stamp()) return answer({ verdict: 'elsewhere' });
    const known = leadership.leader;
    if (intent.fence.term === leadership.term && known !== undefined && known !== from) {
      return answer({ verdict: 'not_leader' });
    }
    this.#note({ ...intent, notedAtMs: clock.nowMs() }, (verdict) =>
      // The voters changed while the disk wrote: it must not count for those before.
      answer({ verdict: config === this.#stamp() ? verdict : 'elsewhere' }),
    );
  }

  #onKeep(from: NodeId, body: unknown, answer: (body: KeepAnswer) => void): void {
    if (!this.#isHeard(from)) return;
    const { intents, isAll } = readKeepQuestion(body);
    if (!intents.every((intent) => this.#mayTell(from, intent))) return answer({ config: undefined });
    this.#memory.note(intents, (error) => {
      if (error !== undefined && error !== null) return answer({ config: undefined });
      if (!isAll || from !== this.#options.leadership.leader) return answer({ config: this.#stamp() });
      this.#memory.learnt((fault) => {
        answer({ config: fault === undefined || fault === null ? this.#stamp() : undefined });
      });
    });
  }

  #onRead(from: NodeId, body: unknown, answer: (body: ReadAnswer) => void): void {
    if (!this.#isHeard(from)) return;
    const { config, digest, after } = readReadQuestion(body);
    const { isNew } = this.#memory;
    const isElsewhere = config !== this.#stamp();
    const isSame = digest === this.#memory.digest;
    const { intents, next } =
      isElsewhere || isSame ? { intents: [], next: undefined } : this.#memory.page(after, pageKeys);
    answer({ isElsewhere, isNew, isSame, intents, next });
  }

  #clusterTaken(isFounder: boolean): void {
    if (!isFounder) this.#memory.forgot();
    else this.#memory.learnt((error) => this.#noteFault(error));
  }

  /** Until a leader has taught it, this voter counts as one that lost its disk. */
  #noteFault(error: unknown): void {
    if (error !== undefined && error !== null) this.#options.log.warn('A voter cannot keep what it knows.', { error });
  }

  #stamp(): string | undefined {
    const { config } = this.#options.leadership;
    return config === undefined ? undefined : stampOf(config);
  }

  #isHeard(from: NodeId): boolean {
    return this.#isRunning && this.#options.membership.isLive(from);
  }

  /**
   * A leader tells all that is known, a holder how its own acts ended, in terms that were; anything else could keep a
   * leader from acting for good. Who says it too early, before this voter heard of the term, says it again.
   */
  #mayTell(from: NodeId, { holder, fence, state }: StoredIntent): boolean {
    const { leader, term } = this.#options.leadership;
    if (fence.term > term) return false;
    return from === leader || (from === holder && state !== 'intended' && (fence.term < term || leader === undefined));
  }
}
