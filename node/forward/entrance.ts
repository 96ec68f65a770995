import { type Fault, isFault } from '../../kit/fault.ts';
import type { Permit } from '../limits/contract.ts';
import { authorise } from './authorise.ts';
import type { Call } from './call.ts';
import { findRoute } from './choose.ts';
import type { Engine } from './engine.ts';
import { admissionTokens } from './estimate-prompt.ts';
import { PromptCopy } from './prompt-copy.ts';
import { BodyReader } from './receive.ts';
import { requirePost } from './require-post.ts';

export interface EntranceHost {
  /** The caller is known, its body read, the model found, and its limits leave room. */
  entered(): void;
  refuse(fault: unknown): void;
}

/**
 * receive, authorise and the caller's own limits, in this order: a caller without a key is refused before its body is
 * read, and one that may not have the model takes nothing of its limits. A request counts against them before the cache
 * is asked, so that nobody leads others who has no permit; what it then does not use is given back when it has ended.
 */
export class Entrance {
  readonly #call: Call;
  readonly #engine: Engine;
  readonly #host: EntranceHost;
  #reader: BodyReader | undefined;
  #takeBack: (() => void) | undefined;

  constructor(call: Call, engine: Engine, host: EntranceHost) {
    this.#call = call;
    this.#engine = engine;
    this.#host = host;
  }

  start(): void {
    try {
      requirePost(this.#call);
    } catch (error) {
      this.#host.refuse(error);
      return;
    }
    this.#authorise();
  }

  /** The client went away, or the call was answered otherwise: gives back what is held of body and limits. */
  drop(): void {
    this.#reader?.drop();
    this.#takeBack?.();
    this.#takeBack = undefined;
  }

  #authorise(): void {
    try {
      const learning = authorise(this.#call, this.#engine.deps, this.#engine.options);
      if (learning === undefined) this.#read();
      else void learning.then(() => this.#learned());
    } catch (error) {
      this.#host.refuse(error);
    }
  }

  #learned(): void {
    if (!this.#isOver) this.#authorise();
  }

  /** It was answered while something was waited for, or nobody is left to answer. */
  get #isOver(): boolean {
    return this.#call.ended || this.#call.clientGone;
  }

  #read(): void {
    const { held, options } = this.#engine;
    this.#reader = new BodyReader(
      this.#call.request,
      held,
      { bytesMax: options.bodyBytesMax, takesEncoded: this.#takesEncoded },
      (body) => this.#received(body),
      (fault) => this.#host.refuse(fault),
    );
    this.#reader.start();
  }

  /** The transparent route reads no body, except for the model that a limited key has to pay for. */
  get #takesEncoded(): boolean {
    const { endpoint, caller } = this.#call;
    return endpoint.kind === 'transparent' && caller?.policy?.limits === undefined;
  }

  #received(body: Buffer): void {
    const call = this.#call;
    const { deps, options } = this.#engine;
    call.body = body;
    call.bodyReadMs = deps.clock.monotonicMs();
    const policy = call.caller?.policy;
    if (policy?.promptKeepMs !== undefined) call.promptCopy = new PromptCopy(body);
    try {
      findRoute(call, deps, options);
    } catch (error) {
      this.#host.refuse(error);
      return;
    }
    if (policy?.limits === undefined) this.#host.entered();
    else {
      const undo = deps.limits.enter(policy.limits, admissionTokens(call, policy.limits), (outcome) => {
        this.#takeBack = undefined;
        this.#decided(outcome);
      });
      // Decided within the call there is nothing to take back.
      if (call.permit === undefined && !this.#isOver) this.#takeBack = undo;
    }
  }

  #decided(outcome: Permit | Fault): void {
    const call = this.#call;
    if (isFault(outcome)) {
      this.#host.refuse(outcome);
      return;
    }
    call.permit = outcome;
    const waitedMs = this.#engine.deps.clock.monotonicMs() - call.bodyReadMs;
    call.waitedMs += waitedMs;
    call.queuedMs += waitedMs;
    this.#host.entered();
  }
}
