import type { Attempt } from '../accounts/contract.ts';
import { type Fault, isFault } from '../../kit/fault.ts';
import { inTime } from '../../kit/in-time.ts';
import type { Upstream, UpstreamRequest } from '../providers/contract.ts';
import type { Call } from './call.ts';
import type { ForwardDependencies } from './contract.ts';

/** A look-up that takes longer than this is not worth the client's wait: the failure stands. */
const lookUpMsMax = 15_000;

/** What is needed of the attempt that failed. */
export interface FailedAttempt {
  readonly attempt: Attempt;
  readonly upstream: Upstream;
  /** As it was before it was authorised. */
  readonly request: UpstreamRequest;
  readonly fault: Fault;
}

export interface RevisionHost {
  /** False once the attempt is over: the client left, the node stops. */
  isOpen(attempt: Attempt): boolean;
  /** Sends the request in the place of the one that failed. */
  resend(request: UpstreamRequest, failed: FailedAttempt): void;
  /** There was no other way: the failure stands. */
  giveUp(failed: FailedAttempt): void;
}

/**
 * Asking the same account once more in another way, after a failure of which the client has seen nothing. Once an
 * attempt at most, and within the retry budget. What it keeps is made for upstreams that can revise alone.
 */
export class Revision {
  readonly #call: Call;
  readonly #deps: ForwardDependencies;
  readonly #host: RevisionHost;
  #revised: Attempt | undefined;

  constructor(call: Call, deps: ForwardDependencies, host: RevisionHost) {
    this.#call = call;
    this.#deps = deps;
    this.#host = host;
  }

  /** False: the failure stands. True: the host hears of what becomes of it, at once or later. */
  begin(failed: FailedAttempt): boolean {
    if (this.#revised === failed.attempt) return false;
    const answer = this.#ask(failed);
    if (answer === undefined || !this.#deps.retryBudget.take()) return false;
    this.#revised = failed.attempt;
    if (answer instanceof Promise) void this.#await(answer, failed);
    else this.#host.resend(answer, failed);
    return true;
  }

  #ask({ upstream, request, fault }: FailedAttempt): ReturnType<NonNullable<Upstream['revise']>> {
    try {
      const answer = upstream.revise?.(request, fault);
      // Nobody waits for it where the budget forbids it.
      return answer instanceof Promise ? answer.catch((error: unknown) => this.#note(error)) : answer;
    } catch (error) {
      return this.#note(error);
    }
  }

  async #await(answer: Promise<UpstreamRequest | undefined>, failed: FailedAttempt): Promise<void> {
    const request = await inTime(answer, lookUpMsMax, this.#deps.clock);
    if (!this.#host.isOpen(failed.attempt)) return;
    if (request === undefined) this.#host.giveUp(failed);
    else this.#host.resend(request, failed);
  }

  /** A look-up that failed leaves the first failure standing; what is no Fault is a defect. */
  #note(error: unknown): undefined {
    const { log } = this.#deps;
    const fields = { request_id: this.#call.id, account: this.#call.account?.id };
    if (isFault(error)) log.debug(`no other way to ask the account was found: ${error.message}`, fields);
    else log.error('internal error while another way to ask the account was looked for', { ...fields, error });
    return undefined;
  }
}
