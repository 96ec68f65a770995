import type { Clock } from '../../../kit/clock.ts';
import type { Fault } from '../../../kit/fault.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import type { TokenSource } from '../contract.ts';

/** How long after a change of tokens a refusal may still be of the one before: as long as an answer's head may take. */
const stragglerMsMax = 300_000;

/**
 * What a refused token of a login means. The free tier still refreshes tokens but refuses every call with them
 * (QwenLM/qwen-code#3203), so a token that came after a refusal, never served, and is refused itself ends the matter.
 *
 * Refusals do not say which token they are of. Of many requests with one token, most are refused before the next token
 * is there, and some after; hence as many refusals as there are requests of earlier tokens on their way judge nothing.
 */
export class LoginState {
  readonly #token: TokenSource;
  readonly #clock: Clock;
  #refused: string | undefined;
  #served: string | undefined;
  #sending: string | undefined;
  /** Requests without an answer: with the newest token, and with those before. */
  #newest = 0;
  #earlier = 0;
  #changedAtMs = 0;

  constructor(token: TokenSource, clock: Clock) {
    this.#token = token;
    this.#clock = clock;
  }

  /** A request goes out with this token. */
  sending(token: string): void {
    if (token !== this.#sending) {
      this.#sending = token;
      this.#earlier += this.#newest;
      this.#newest = 0;
      this.#changedAtMs = this.#clock.monotonicMs();
    }
    this.#newest++;
  }

  /** The service answered a call with the current token. */
  served(): void {
    this.#answered();
    this.#served = this.#token.current();
    this.#refused = undefined;
  }

  /** The service answered with an error that says nothing about the token. */
  failed(): void {
    this.#answered();
  }

  refused(upstreamStatus: number): Fault {
    const current = this.#token.current();
    const isStraggler = this.#answered();
    const isAgain =
      !isStraggler && this.#refused !== undefined && this.#refused !== current && this.#served !== current;
    if (!isStraggler) this.#refused = current;
    if (isAgain) {
      return protocolFaults.upstream_not_entitled(
        'Qwen refreshes the login but refuses every call with it: its free tier ended in April 2026; use an API key of Model Studio (api_key)',
        { upstreamStatus },
      );
    }
    return protocolFaults.upstream_token_refused(`Qwen refused the token of the login (${upstreamStatus})`, {
      upstreamStatus,
    });
  }

  /** Whether the answer may be one to a request of an earlier token. */
  #answered(): boolean {
    if (this.#clock.monotonicMs() - this.#changedAtMs > stragglerMsMax) this.#earlier = 0;
    if (this.#earlier > 0) {
      this.#earlier--;
      return true;
    }
    this.#newest = Math.max(0, this.#newest - 1);
    return false;
  }
}
