import type { Clock } from '../../kit/clock.ts';
import type { AccountNotes } from './contract.ts';

/** A look-up that found nothing is not repeated sooner. */
const lookUpPauseMs = 600_000;
/** The same for one that failed: the service may be back soon. */
const failurePauseMs = 10_000;

const noteName = 'profile_arn';
/** Noted where the account is served without an ARN alone. */
const none = 'none';

export interface ProfileParts {
  /** As a person set it for this account: never left out. */
  readonly configured: string | undefined;
  /** What came with the login, as it is at the moment. */
  readonly issued: () => string | undefined;
  readonly notes: AccountNotes;
  readonly clock: Clock;
  /** Asks for the account's profiles; undefined when it has none. Rejects with a Fault when it cannot be found out. */
  readonly lookUp: () => Promise<string | undefined>;
}

/** The profile under which an account asks: set, brought by the login, found, or none. */
export class ProfileArn {
  readonly #parts: ProfileParts;
  #looking: Promise<string | undefined> | undefined;
  /** Monotonic ms. */
  #quietUntilMs = -Infinity;

  constructor(parts: ProfileParts) {
    this.#parts = parts;
  }

  current(): string | undefined {
    const { configured, issued, notes } = this.#parts;
    if (configured !== undefined) return configured;
    const noted = notes.get(noteName);
    return noted === none ? undefined : (issued() ?? noted);
  }

  /** The account may be asked without the ARN that it has. */
  get isOptional(): boolean {
    return this.#parts.configured === undefined && this.current() !== undefined;
  }

  /** The account was served without one. */
  noteNone(): void {
    this.#parts.notes.set(noteName, none);
  }

  /**
   * The ARN after the upstream demanded one: the login's, where it had been left out; else what a look-up finds, once
   * at a time. Undefined where there is none, or where a look-up has just found that.
   */
  demand(): string | undefined | Promise<string | undefined> {
    const { notes, clock } = this.#parts;
    if (notes.get(noteName) === none) notes.set(noteName, undefined);
    const known = this.current();
    if (known !== undefined) return known;
    if (this.#looking !== undefined) return this.#looking;
    if (clock.monotonicMs() < this.#quietUntilMs) return undefined;
    this.#looking = this.#lookUp().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #lookUp(): Promise<string | undefined> {
    const { lookUp, notes, clock } = this.#parts;
    let pauseMs = failurePauseMs;
    try {
      const found = await lookUp();
      pauseMs = lookUpPauseMs;
      if (found !== undefined) notes.set(noteName, found);
      return found;
    } finally {
      this.#quietUntilMs = clock.monotonicMs() + pauseMs;
    }
  }
}
