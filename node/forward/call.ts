import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from '../../kit/fault.ts';
import type { Slot } from '../../kit/slot.ts';
import type { Account } from '../accounts/contract.ts';
import type { Principal } from '../auth/contract.ts';
import type { AnswerSource } from '../cache/contract.ts';
import type { Conversation, Usage } from '../conversation/contract.ts';
import type { Permit } from '../limits/contract.ts';
import type { ClientProtocol, RequestFacts } from '../protocols/contract.ts';
import type { Route } from '../routing/contract.ts';
import type { WireHeaders } from '../wire/contract.ts';
import type { Endpoint } from './endpoint.ts';
import type { PromptCopy } from './prompt-copy.ts';

export const noBytes = Buffer.alloc(0);

/** Nothing was counted; never changed. */
export const noUsage: Usage = Object.freeze({});

/** A call's dealings with the cache (`admission.ts`). */
export interface CacheAdmission {
  readonly key: string;
  /** Identical requests wait for this call's answer. */
  readonly hasFollowers: boolean;
  /** This call waits for the answer of an identical one. */
  readonly isWaiting: boolean;
  /** The head of an upstream's answer, which may forbid keeping it. */
  noteHeaders(headers: WireHeaders): void;
  /** The whole answer, as it went to the client. */
  keep(body: Buffer | string): void;
  forbid(): void;
  fail(): void;
  leave(): void;
}

/**
 * One request on its way through: what each phase learned. Phases write their own fields once and read those of
 * earlier phases; nothing else is shared between them.
 */
export class Call {
  // receive
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly endpoint: Endpoint;
  readonly query: string;
  /** The dialect that the client speaks; OpenAI's for the transparent route, whose own errors are rare. */
  readonly protocol: ClientProtocol;
  /** Monotonic, milliseconds. */
  readonly startedMs: number;
  body: Buffer = noBytes;
  bodyReadMs = 0;
  facts: RequestFacts | undefined;

  // authorise
  caller: Principal | undefined;
  /** A credential that could not be judged at once has been looked into. */
  hasLearned = false;

  // admit
  /** Set where the caller's key has limits, once they have let the call in. */
  permit: Permit | undefined;
  /** Set where the caller's key wants prompts and answers kept. */
  promptCopy: PromptCopy | undefined;
  place: Slot | undefined;
  /** Set where the answer may come from the cache or go into it. */
  admission: CacheAdmission | undefined;
  cacheOutcome: AnswerSource | 'miss' | 'bypass' = 'bypass';

  // choose
  route: Route | undefined;
  requestedModel = '';
  stream = false;
  /** Asked for usage in the stream: by the client (OpenAI Chat), or always shown (others). */
  includeUsage = false;
  affinity = 0;
  conversation: Conversation | undefined;
  dropped: readonly string[] = [];

  // send
  account: Account | undefined;
  tried: Account[] = [];
  /** As the account's upstream was asked for it; '' where nothing was, or where the request is not read. */
  modelServed = '';
  /** What the account was spoken to in: a protocol, or a provider's own format by the provider's id. */
  protocolOut: string | undefined;
  /** Requests that went to upstreams. */
  attempts = 0;
  /** Those among them that asked the same account once more in another way. */
  revisions = 0;
  sentMs = 0;
  /** The attempt under way has got as far as that. */
  isSent = false;
  firstByteMs = 0;
  /** Time spent waiting for places and between attempts, milliseconds. */
  waitedMs = 0;
  /** The part of it that was spent in front of the doors: its key's limits, and places. */
  queuedMs = 0;
  /** When the upstream sent its last byte. */
  answeredMs = 0;

  // relay
  /** The status line went to the client: from here on only an error event can tell of a failure. */
  committed = false;
  /** The last byte went to the client, or the client went away. */
  ended = false;
  clientGone = false;
  /** It failed after its head had gone out, so that the status does not tell. */
  brokeOff = false;
  /** What the latest attempt used. */
  usage: Usage = noUsage;
  /** What those before it used, as far as their upstreams said. */
  usageBefore: Usage | undefined;
  /** The answer's numbers are our own estimate. */
  isEstimate = false;
  status = 0;

  /** The failure of the latest attempt. */
  lastFault: Fault | undefined;

  constructor(
    id: string,
    request: IncomingMessage,
    response: ServerResponse,
    found: { endpoint: Endpoint; query: string },
    protocol: ClientProtocol,
    startedMs: number,
  ) {
    this.id = id;
    this.request = request;
    this.response = response;
    this.endpoint = found.endpoint;
    this.query = found.query;
    this.protocol = protocol;
    this.startedMs = startedMs;
  }

  /** Only tokens are to be counted. */
  get isCount(): boolean {
    return this.endpoint.kind === 'protocol' && this.endpoint.operation === 'count_tokens';
  }
}
