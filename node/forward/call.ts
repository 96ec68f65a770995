import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from '../../kit/fault.ts';
import type { Slot } from '../../kit/slot.ts';
import type { Account } from '../accounts/contract.ts';
import type { Principal } from '../auth/contract.ts';
import type { AnswerSource } from '../cache/contract.ts';
import type { Conversation, Usage } from '../conversation/contract.ts';
import type { ClientProtocol, RequestFacts } from '../protocols/contract.ts';
import type { Route } from '../routing/contract.ts';
import type { WireHeaders } from '../wire/contract.ts';
import type { Endpoint } from './endpoint.ts';

export const noBytes = Buffer.alloc(0);

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

  // admit
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
  /** When the upstream sent its last byte. */
  answeredMs = 0;

  // relay
  /** The status line went to the client: from here on only an error event can tell of a failure. */
  committed = false;
  /** The last byte went to the client, or the client went away. */
  ended = false;
  clientGone = false;
  usage: Usage = {};
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
