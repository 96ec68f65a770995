import type { Fault } from '../../../kit/fault.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import type { TokenSource } from '../contract.ts';

/**
 * What a refused token of a login means. The free tier still refreshes tokens but refuses every call with them
 * (QwenLM/qwen-code#3203), so a token that came after a refusal, never served, and is refused itself ends the matter.
 */
export class LoginState {
  readonly #token: TokenSource;
  #refused: string | undefined;
  #served: string | undefined;

  constructor(token: TokenSource) {
    this.#token = token;
  }

  /** The service answered a call with the current token. */
  served(): void {
    this.#served = this.#token.current();
    this.#refused = undefined;
  }

  /** `accessToken`: what was refused. A request that was long under way may have been sent with a former one. */
  refused(upstreamStatus: number, accessToken: string | undefined): Fault {
    const isCurrent = accessToken !== undefined && accessToken === this.#token.current();
    const isAgain =
      isCurrent && this.#refused !== undefined && this.#refused !== accessToken && this.#served !== accessToken;
    if (isCurrent) this.#refused = accessToken;
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
}
