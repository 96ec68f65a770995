import type { NodeId } from '../membership/contract.ts';
import type { VoterConfig, VoteState, VoteStore } from './contract.ts';

/** Whoever waits for a write; more than this are told at once that it will not become durable. */
const waitingMax = 1000;

interface Waiting {
  readonly done: (isDurable: boolean) => void;
}

/**
 * Term, vote and configuration of this node: as they are decided, and as they are on disk. A decision takes effect on
 * later decisions at once, which is only ever more careful; it is told to others only once it is durable. Writes follow
 * one another, and those that wait share the next one.
 */
export class Ballot {
  #current: VoteState;
  #durable: VoteState;
  #waiting: Waiting[] = [];
  #isSaving = false;
  readonly #store: VoteStore;
  readonly #onError: (error: unknown) => void;

  constructor(state: VoteState, store: VoteStore, onError: (error: unknown) => void) {
    this.#current = state;
    this.#durable = state;
    this.#store = store;
    this.#onError = onError;
  }

  get term(): number {
    return this.#current.term;
  }

  get votedFor(): NodeId | undefined {
    return this.#current.votedFor;
  }

  get config(): VoterConfig | undefined {
    return this.#current.config;
  }

  /** What the disk has: all that others may be told. */
  get durable(): VoteState {
    return this.#durable;
  }

  /** Whether a vote for the node in the term would be the first or the same again. */
  mayVote(term: number, candidate: NodeId): boolean {
    if (term !== this.term) return term > this.term;
    return this.votedFor === undefined || this.votedFor === candidate;
  }

  /** Takes a newer term, with no vote in it yet; an older one changes nothing. */
  raise(term: number, done?: (isDurable: boolean) => void): void {
    this.update(term > this.term ? { term, votedFor: undefined } : {}, done);
  }

  /** Decides; `done` once it is on disk (at once when it is already), or with false when the disk refused. */
  update(change: Partial<VoteState>, done: (isDurable: boolean) => void = () => undefined): void {
    if (this.#changes(change)) this.#current = { ...this.#current, ...change };
    if (this.#current === this.#durable) return done(true);
    if (this.#waiting.length >= waitingMax) return done(false);
    this.#waiting.push({ done });
    if (!this.#isSaving) this.#save();
  }

  #changes(change: Partial<VoteState>): boolean {
    const current = this.#current;
    return (
      ('term' in change && change.term !== current.term) ||
      ('votedFor' in change && change.votedFor !== current.votedFor) ||
      ('config' in change && change.config !== current.config)
    );
  }

  #save(): void {
    const state = this.#current;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#isSaving = true;
    this.#store.save(state, (error) => {
      this.#isSaving = false;
      if (error === undefined || error === null) this.#durable = state;
      else this.#onError(error);
      for (const { done } of waiting) done(this.#durable === state);
      if (this.#waiting.length > 0 && !this.#isSaving) this.#save();
    });
  }
}
