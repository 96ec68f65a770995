import type { Clock } from '../../kit/clock.ts';
import { LruMap } from '../../kit/lru-map.ts';
import { SingleFlight } from '../../kit/single-flight.ts';
import type { CredentialSource, Principal } from './contract.ts';
import type { Directory } from './directory.ts';
import type { SignedTokens, TokenClaims } from './signed-tokens.ts';

/** Tokens in use, of at most 1,024 characters each; those of more people at once are verified more often. */
const learnedMax = 4_096;
/** A token that is sent again and again is verified once in a while; its kind costs 1 KiB each. */
const badMax = 1_024;
const badKeepMs = 60_000;
/** Verifications under way. Each takes less than a millisecond; past this the node has other worries. */
const learningMax = 1_000;

interface Learned {
  readonly claims: TokenClaims;
  principal: Principal | undefined;
  /** The directory's when the principal was made. */
  revision: number;
}

/**
 * Access tokens of users who logged in. Verifying takes a turn of its own, so a token is learned first and then known
 * until it ends; its session and its user are looked at whenever something changed.
 */
export class AccessTokens implements CredentialSource {
  readonly #directory: Directory;
  readonly #tokens: SignedTokens;
  readonly #clock: Clock;
  readonly #learned = new LruMap<string, Learned>(learnedMax);
  /** Tokens with a signature that is wrong, and until when they are not looked at again (monotonic ms). */
  readonly #bad = new LruMap<string, number>(badMax);
  readonly #learning = new SingleFlight<string, void>();

  constructor(directory: Directory, tokens: SignedTokens, clock: Clock) {
    this.#directory = directory;
    this.#tokens = tokens;
    this.#clock = clock;
  }

  get revision(): number {
    return this.#directory.revision.value;
  }

  find(credential: string): Principal | undefined {
    const learned = this.#learned.get(credential);
    if (learned === undefined) return undefined;
    const revision = this.#directory.revision.value;
    if (learned.revision !== revision) {
      learned.revision = revision;
      learned.principal = this.#principal(learned.claims);
    }
    return learned.principal;
  }

  /** Only for what may be good: a token with a session that is there and a key that is ours. */
  learn(credential: string): Promise<void> | undefined {
    if (this.#learned.peek(credential) !== undefined || this.#isBad(credential)) return undefined;
    const claims = this.#tokens.read('access', credential);
    if (claims === undefined || this.#principal(claims) === undefined) return undefined;
    if (claims.expiresAtMs <= this.#clock.nowMs() || this.#learning.size >= learningMax) return undefined;
    return this.#learning.run(credential, () => this.#learn(credential));
  }

  async #learn(credential: string): Promise<void> {
    const claims = await this.#tokens.verify('access', credential);
    if (claims === undefined) this.#bad.set(credential, this.#clock.monotonicMs() + badKeepMs);
    else this.#learned.set(credential, { claims, principal: undefined, revision: -1 });
  }

  #isBad(credential: string): boolean {
    const untilMs = this.#bad.peek(credential);
    return untilMs !== undefined && this.#clock.monotonicMs() < untilMs;
  }

  #principal({ session, user, expiresAtMs }: TokenClaims): Principal | undefined {
    return this.#directory.principalOfSession(session, user, expiresAtMs);
  }
}
