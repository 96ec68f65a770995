import type { Timer } from '../../kit/clock.ts';
import type { Environment } from '../environment.ts';
import type { VoterConfig } from '../leader/contract.ts';
import { isMajority, majorityOf } from '../leader/voter-config.ts';
import type { NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import type { IntentRefusal, StoredIntent } from './contract.ts';
import { readNoteAnswer, stampOf, type NoteAnswer } from './intent-messages.ts';

type Verdict = NoteAnswer['verdict'];

export interface NoteRoundOptions extends Environment {
  readonly post: Post;
  readonly intent: StoredIntent;
  readonly config: VoterConfig | undefined;
  /** Notes it at this node. */
  readonly note: (answer: (verdict: Verdict) => void) => void;
  /** Tells a voter what the others know. */
  readonly tellAll: (voter: NodeId) => void;
  /** Once: granted, or refused; `isNoted` when a voter may have it. */
  readonly done: (refusal: IntentRefusal | undefined, isNoted: boolean) => void;
}

/** What weighs most is answered. */
const weights: readonly IntentRefusal[] = ['spent', 'busy', 'doubt', 'not_leader', 'not_durable', 'no_majority'];

/**
 * Asks all voters of one configuration to note an intent. This node is one of them, and first: another begin of its own
 * for the key finds it there. A voter that has another configuration, or does not yet know what the others know, is
 * asked again while the intent is young.
 */
export class NoteRound {
  readonly #options: NoteRoundOptions;
  readonly #granted = new Set<NodeId>();
  readonly #refused = new Map<NodeId, IntentRefusal>();
  readonly #startedAtMs: number;
  readonly #timers = new Map<NodeId, Timer>();
  #isSent = false;
  #isOver = false;

  constructor(options: NoteRoundOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.monotonicMs();
  }

  start(): void {
    const { config, post, note } = this.#options;
    if (config === undefined) return this.#finish('no_majority');
    note((verdict) => this.#answered(post.self, verdict));
    if (this.#isOver || this.#refused.has(post.self)) return;
    this.#isSent = true;
    for (const voter of config.voters) if (voter !== post.self) this.#ask(config, voter);
  }

  /** Gives up, as without a majority. */
  stop(): void {
    this.#finish('no_majority');
  }

  #ask(config: VoterConfig, voter: NodeId): void {
    const { post, intent, timing, clock } = this.#options;
    const leftMs = this.#startedAtMs + timing.leaseMs - clock.monotonicMs();
    if (this.#isOver) return;
    if (leftMs <= 0) return this.#answered(voter, undefined);
    post.ask(voter, 'intents/note', { config: stampOf(config), intent }, leftMs, (body) => {
      const verdict = readNoteAnswer(body);
      if (verdict === 'new') this.#options.tellAll(voter);
      if (this.#isOver || (verdict !== 'new' && verdict !== 'elsewhere')) return this.#answered(voter, verdict);
      this.#timers.set(
        voter,
        clock.after(timing.heartbeatMs, () => this.#ask(config, voter)),
      );
    });
  }

  #answered(voter: NodeId, verdict: Verdict | undefined): void {
    const { config, post } = this.#options;
    if (this.#isOver || config === undefined) return;
    if (verdict === 'noted') this.#granted.add(voter);
    else
      this.#refused.set(
        voter,
        verdict === undefined || verdict === 'elsewhere' || verdict === 'new' ? 'no_majority' : verdict,
      );
    if (this.#granted.has(post.self) && isMajority(config, this.#granted)) return this.#finish(undefined);
    const possible = config.voters.length - this.#refused.size;
    if (possible < majorityOf(config.voters.length) || this.#refused.has(post.self) || verdict === 'spent') {
      this.#finish(weights.find((refusal) => [...this.#refused.values()].includes(refusal)) ?? 'no_majority');
    }
  }

  #finish(refusal: IntentRefusal | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#options.done(refusal, this.#isSent || this.#granted.size > 0);
  }
}
