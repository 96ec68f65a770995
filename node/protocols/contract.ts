/**
 * A dialect of HTTP and JSON that clients or upstreams speak. Every dialect has a client side; those that some
 * provider speaks have an upstream side as well. The two sides of one dialect live in one folder.
 */
import type { Fault } from '../../kit/fault.ts';
import type { JsonObject } from '../../kit/json.ts';
import type { Answer, Conversation, StreamEvent, Usage } from '../conversation/contract.ts';
import type { WireHeaders } from '../wire/contract.ts';

export type ProtocolId = 'anthropic' | 'openai-chat' | 'openai-responses' | 'gemini';

/** How a streamed answer is framed: server-sent events, or Gemini's JSON array (no `alt=sse`). */
export type Framing = 'sse' | 'json-array';

/**
 * What routing needs from a request body, read by scanning its bytes once (no JSON.parse). The scan also proves that
 * the body is well-formed JSON with an object at its root; otherwise it throws the `invalid_json` Fault.
 */
export interface RequestFacts {
  /** Requested model as the client wrote it; '' when the protocol carries it elsewhere (Gemini: in the path). */
  model: string;
  stream: boolean;
  /** The client uses the provider's prompt cache (cache_control, prompt_cache_key, a session id). */
  usesPromptCache: boolean;
  /**
   * Session id of the conversation where the client names one (prompt_cache_key, metadata.user_id, …). Together with
   * `affinityStart`/`affinityEnd` it is what prompt affinity hashes.
   */
  session: string | undefined;
  /** Byte span that stays equal over the turns of one conversation (the first user message); 0,0 when unknown. */
  affinityStart: number;
  affinityEnd: number;
  /** Byte span of the model's JSON string including its quotes; 0,0 when absent. */
  modelStart: number;
  modelEnd: number;
  /** The client sent a bound on output tokens. */
  hasMaxTokens: boolean;
  /** Offset just after the root `{`, where a member can be spliced in. */
  bodyStart: number;
  /** OpenAI Chat: whether the client asked for the usage chunk, and the span of its `stream_options` value (0,0 absent). */
  includesUsage: boolean;
  streamOptionsStart: number;
  streamOptionsEnd: number;
}

/** Changes that same-protocol requests may need; undefined means leave as it is. */
export interface RequestEdits {
  /** Name to send upstream. */
  model?: string;
  /** Bound to add when the client gave none and the format demands one. */
  maxTokens?: number;
  /** Ask the upstream for usage in the stream. */
  includeUsage?: boolean;
}

/** What an encoder needs to know about the request it answers. */
export interface AnswerContext {
  /** The name the client asked for; echoed. */
  model: string;
  requestId: string;
  framing: Framing;
  /** OpenAI Chat: `stream_options.include_usage`. */
  includeUsage: boolean;
  /** Wall time of the answer, Unix milliseconds (`created` fields). */
  nowMs: number;
  /** Estimate for the opening event where the upstream gives no early count. */
  estimatedInputTokens?: number;
  /** `Conversation.toolKinds` of the request; absent when it had none. */
  toolKinds?: ReadonlyMap<string, string>;
}

/** Turns stream events into the client's bytes. One per request; holds all its state. */
export interface StreamEncoder {
  /** Text to send for this event; '' when nothing is due yet. After a `fault` event it holds the protocol's error. */
  push(event: StreamEvent): string;
  /** Closing text (e.g. `[DONE]`), once, after `finish`; '' after a fault. */
  end(): string;
}

/** Turns an upstream's bytes into stream events. One per request; holds all its state. */
export interface StreamDecoder {
  /** Appends the events of these bytes to `out`; bytes may be cut anywhere. */
  push(bytes: Uint8Array, out: StreamEvent[]): void;
  /** The upstream closed cleanly: appends what is pending, or a `fault` when the answer is not complete. */
  end(out: StreamEvent[]): void;
  /** Nothing of what the upstream may still send is wanted: its call can be ended at once. */
  readonly isOver?: boolean;
}

/** How far a same-protocol stream has come. */
export type RelayPhase = 'opening' | 'content' | 'finished' | 'failed';

/**
 * Watches a same-protocol stream go by without rebuilding it. Fed with whatever the socket gives; hands back whole
 * events only, so that a cut upstream never leaves half an event at the client.
 */
export interface StreamRelay {
  /**
   * `opening` until the first event with content (then bytes may be committed to the client), `finished` after the
   * terminal event, `failed` after an error event of the upstream (see `fault`).
   */
  readonly phase: RelayPhase;
  /** The upstream's error event, as a Fault; the relay does not hand its bytes on. */
  readonly fault: Fault | undefined;
  readonly usage: Usage;
  /** Bytes of all events completed by this chunk, with edits applied; undefined when there are none. */
  push(bytes: Buffer): Buffer | undefined;
  /** Bytes still held (an event without its final blank line counts when it is complete); call at clean EOF. */
  end(): Buffer | undefined;
}

export interface RelayOptions {
  /** Name to show to the client in place of the upstream's, when an alias was resolved. */
  renameModel?: { from: string; to: string };
  /** Usage was asked for by us and not by the client: its chunk is not handed on. */
  hideUsage: boolean;
  /** Longest single event that is held, bytes; past it the relay fails with `upstream_event_too_large`. */
  eventSizeBytesMax: number;
}

/** What a complete same-protocol answer says, read off its bytes. */
export interface AnswerFacts {
  /** The bytes are one well-formed JSON object. */
  isObject: boolean;
  /** It has an `error` that is an object or text: an error in disguise, whatever the status says. */
  hasError: boolean;
  usage: Usage;
}

/** How much of one limit is left to a client. */
export interface RateReading {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until all of it is there again. */
  readonly resetMs: number;
}

/** Undefined for what is not limited. */
export interface RateReadings {
  readonly requests: RateReading | undefined;
  readonly tokens: RateReading | undefined;
}

export interface FaultAnswer {
  status: number;
  /** Flat list name, value, name, value …; content-type included. */
  headers: string[];
  body: string;
}

/** The side that clients see. */
export interface ClientProtocol {
  readonly id: ProtocolId;
  /**
   * `notesAffinity` false leaves the affinity span out unless the request uses prompt caching without naming a session
   * (nobody else needs it, and finding it costs a second look at the messages).
   */
  scanRequest(body: Buffer, notesAffinity?: boolean): RequestFacts;
  /** The body with the edits spliced into its bytes; the same buffer when there are none. */
  editRequest(body: Buffer, facts: RequestFacts, edits: RequestEdits): Buffer;
  /** Strict about shapes it knows, silent about unknown members (reported in `dropped`). Throws a Fault that names the field. */
  decodeRequest(body: JsonObject, hints: { model: string; stream: boolean }): Conversation;
  encodeAnswer(answer: Answer, context: AnswerContext): JsonObject;
  openEncoder(context: AnswerContext): StreamEncoder;
  openRelay(options: RelayOptions): StreamRelay;
  /** What a complete answer says, read off its bytes in one scan; never throws. */
  scanAnswer(body: Buffer): AnswerFacts;
  /** Complete answer with the model's name replaced (aliases). */
  renameAnswer(body: Buffer, from: string, to: string): Buffer;
  /** The whole error answer before anything was sent. */
  encodeFault(fault: Fault, requestId: string): FaultAnswer;
  /** Adds the headers that tell a client of this dialect how much of its limits is left; flat. `nowMs`: wall time. */
  limitHeaders(readings: RateReadings, nowMs: number, into: string[]): void;
  /** The error event inside a stream that has begun. */
  encodeStreamFault(fault: Fault, requestId: string, framing: Framing): string;
  /** Sent while an upstream is silent, only after the first event. */
  readonly keepAlive: { readonly sse: string; readonly jsonArray: string };
  /** Answer to a token-counting call. */
  encodeTokenCount(inputTokens: number): JsonObject;
}

/** Facts that an encoder needs about the upstream it writes for. */
export interface UpstreamTraits {
  /** Bound filled in where the format demands one and the client gave none. */
  defaultMaxTokens: number;
  /** OpenAI-like: the field that bounds output. */
  maxTokensField?: 'max_tokens' | 'max_completion_tokens' | 'auto';
  /** OpenAI-like: past reasoning is sent back as `reasoning_content` (DeepSeek-like upstreams) or left out. */
  reasoningHistory?: 'drop' | 'reasoning_content';
  /** OpenAI-like: the upstream understands `stream_options`. */
  streamOptions?: boolean;
  /** OpenAI-like: the upstream knows `prompt_cache_key` (strict servers answer 400 to it); absent means no. */
  promptCacheKey?: boolean;
}

export interface EncodedRequest {
  body: JsonObject;
  /** Fields of the conversation that this format cannot carry, in the middle form's names turned to snake_case. */
  dropped: string[];
}

/** The side that an upstream of this dialect sees. */
export interface UpstreamDialect {
  readonly id: ProtocolId;
  /** Throws a Fault (400, with the field) for what cannot be carried and must not be dropped. */
  encodeRequest(conversation: Conversation, traits: UpstreamTraits): EncodedRequest;
  /** Throws the `upstream_bad_answer` Fault when the body is not such an answer. */
  decodeAnswer(body: JsonObject): Answer;
  openDecoder(): StreamDecoder;
  /** Reads an error answer of the upstream. Never echoes HTML or credentials. */
  readFault(status: number, headers: WireHeaders, body: Buffer): Fault;
}

export type { Answer, Conversation, StreamEvent, Usage };
