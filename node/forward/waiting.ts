import type { Fault } from '../../kit/fault.ts';
import type { Call } from './call.ts';
import type { ForwardDependencies } from './contract.ts';
import type { TokenRenewals } from './token-renewals.ts';

export interface WaitingHost {
  /** Tries to go on; answers whether it needs no place in the queue any more. */
  enter(): boolean;
  /** The queue will not have it, or not any longer. */
  refuse(fault: Fault): void;
}

/** What a call waits for between its attempts: one thing at a time. Made for calls that wait. */
export class Waiting {
  readonly #call: Call;
  readonly #deps: ForwardDependencies;
  readonly #host: WaitingHost;
  #stop: (() => void) | undefined;
  #stopRenewing: (() => void) | undefined;

  constructor(call: Call, deps: ForwardDependencies, host: WaitingHost) {
    this.#call = call;
    this.#deps = deps;
    this.#host = host;
  }

  /** Takes a place in the queue, unless it has one. */
  forPlace(): void {
    if (this.#stop !== undefined) return;
    const { clock, waitQueue } = this.#deps;
    const sinceMs = clock.monotonicMs();
    const leave = waitQueue.join({
      tryEnter: () => {
        const entered = this.#host.enter();
        if (entered) this.#entered(clock.monotonicMs() - sinceMs);
        return entered;
      },
      refuse: (fault) => {
        this.#stop = undefined;
        this.#host.refuse(this.#call.lastFault ?? fault);
      },
    });
    this.#stop = leave;
  }

  forTime(delayMs: number): void {
    const timer = this.#deps.clock.after(delayMs, () => {
      this.#ended(delayMs);
      this.#host.enter();
    });
    this.#stop = () => timer.cancel();
  }

  /** No other account is left: a token that is being refreshed is waited for, a few seconds at most. */
  forToken(renewals: TokenRenewals): void {
    this.#stopRenewing = renewals.next(this.#call, this.#deps.clock, () => this.#host.enter());
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#stopRenewing?.();
  }

  #entered(waitedMs: number): void {
    this.#call.queuedMs += waitedMs;
    this.#ended(waitedMs);
  }

  #ended(waitedMs: number): void {
    this.#stop = undefined;
    this.#call.waitedMs += waitedMs;
  }
}
