/**
 * The one middle form between every client protocol and every provider format.
 *
 *   client bytes ─ decodeRequest ─► Conversation ─ encodeRequest ─► upstream bytes
 *   client bytes ◄─ encoder ◄─────── StreamEvent / Answer ◄──────── decoder ─ upstream bytes
 *
 * Adding a protocol or a provider means writing its side of this form and nothing else.
 */
import type { Fault } from '../../kit/fault.ts';
import type { Json, JsonObject } from '../../kit/json.ts';

export interface Conversation {
  /** The name that goes upstream (aliases already resolved by routing). */
  model: string;
  system: TextPart[];
  messages: Message[];
  tools: Tool[];
  toolChoice?: ToolChoice;
  /** false forbids several calls in one turn; absent leaves the upstream's default. */
  parallelToolCalls?: boolean;
  /** Upper bound of generated tokens, thinking included. */
  maxTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  seed?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  /** Never holds empty strings. */
  stop: string[];
  thinking?: Thinking;
  outputFormat?: OutputFormat;
  /** OpenAI's `prompt_cache_key`: kept for upstreams that know it. */
  promptCacheKey?: string;
  stream: boolean;
  /**
   * How the client declared tools whose calls must come back in another shape than a plain function (tool name to a
   * note). Written and read by one client protocol and opaque to everyone else; handed on in `AnswerContext`.
   */
  toolKinds?: ReadonlyMap<string, string>;
  /**
   * Fields of the client's request that have no place in this form (named as the client wrote them, e.g.
   * `logit_bias`). They are reported in `x-aiproxy-dropped`; what must not be dropped is refused by the decoder with
   * a 400 that names the field.
   */
  dropped: string[];
}

/** Messages alternate freely; encoders merge or split them as their format asks. */
export interface Message {
  role: 'user' | 'assistant' | 'system';
  parts: Part[];
}

export type Part =
  TextPart | ImagePart | DocumentPart | AudioPart | ThinkingPart | RedactedThinkingPart | ToolCallPart | ToolResultPart;

export interface TextPart {
  type: 'text';
  text: string;
  /** Anthropic's `cache_control`, kept as it came. */
  cacheControl?: JsonObject;
}

/** Exactly one of `data` (base64) and `url` is set. */
export interface ImagePart {
  type: 'image';
  mediaType?: string;
  data?: string;
  url?: string;
  detail?: string;
  cacheControl?: JsonObject;
}

/** Exactly one of `data` (base64), `text` and `url` is set. */
export interface DocumentPart {
  type: 'document';
  mediaType?: string;
  data?: string;
  text?: string;
  url?: string;
  name?: string;
  cacheControl?: JsonObject;
}

export interface AudioPart {
  type: 'audio';
  /** `wav`, `mp3`, … */
  format: string;
  data: string;
}

/** `signature` is bound to the provider and model that made it; see `signature.ts` for how its origin is marked. */
export interface ThinkingPart {
  type: 'thinking';
  text: string;
  signature?: string;
}

export interface RedactedThinkingPart {
  type: 'redacted_thinking';
  data: string;
}

export interface ToolCallPart {
  type: 'tool_call';
  id: string;
  name: string;
  /** The arguments as JSON text of an object; kept as text so that big integers survive. */
  argumentsJson: string;
  /** Gemini's thoughtSignature, where a client carries it. */
  signature?: string;
  cacheControl?: JsonObject;
}

export interface ToolResultPart {
  type: 'tool_result';
  callId: string;
  /** Name of the called tool where the client's format carries it (Gemini); encoders look it up by id otherwise. */
  name?: string;
  content: (TextPart | ImagePart | DocumentPart)[];
  isError?: boolean;
  cacheControl?: JsonObject;
}

export interface Tool {
  name: string;
  description?: string;
  /** JSON Schema of the arguments, as the client sent it. */
  schema: JsonObject;
  strict?: boolean;
  cacheControl?: JsonObject;
}

export type ToolChoice = { type: 'auto' } | { type: 'any' } | { type: 'none' } | { type: 'tool'; name: string };

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** `budgetTokens` and `effort` exclude each other; `adaptive` leaves the amount to the model. */
export interface Thinking {
  mode: 'off' | 'on' | 'adaptive';
  budgetTokens?: number;
  effort?: Effort;
}

export type OutputFormat =
  { type: 'text' } | { type: 'json' } | { type: 'json_schema'; name?: string; schema: JsonObject; strict?: boolean };

export type FinishReason =
  'stop' | 'stop_sequence' | 'length' | 'tool_calls' | 'refusal' | 'pause' | 'context_window_exceeded';

/**
 * Token counts, one neutral record. `inputTotal` includes what was read from and written to the provider's prompt
 * cache; `outputTotal` includes reasoning. A count that the upstream did not give is absent, never zero.
 */
export interface Usage {
  inputTotal?: number;
  cacheRead?: number;
  cacheWrite?: number;
  outputTotal?: number;
  reasoning?: number;
  /** True when any of the counts is our estimate. */
  estimated?: boolean;
}

/** A complete answer. `parts` holds text, thinking, redacted_thinking, tool_call and image parts in order. */
export interface Answer {
  id: string;
  /** Model as the upstream names it; encoders write the name that the client asked for. */
  model: string;
  parts: Part[];
  finish: FinishReason;
  stopSequence?: string;
  usage: Usage;
}

/**
 * One step of a streamed answer. Order that decoders guarantee and encoders rely on:
 * `start` once and first; then parts; `usage` any number of times (cumulative, the last one counts); then exactly one
 * of `finish` (after every tool call has ended) or `fault`; nothing follows `fault`; after `finish` only `usage`.
 * Text and thinking deltas need no start or end: a change of kind is the boundary. Tool calls are announced with
 * `tool_start` when id and name are both known and are never interleaved: `tool_end` comes before the next starts.
 */
export type StreamEvent =
  | { type: 'start'; id: string; model: string; usage?: Usage }
  | { type: 'text'; text: string }
  | { type: 'thinking'; text: string }
  | { type: 'thinking_signature'; signature: string }
  | { type: 'redacted_thinking'; data: string }
  | { type: 'image'; mediaType: string; data: string }
  | { type: 'tool_start'; id: string; name: string; signature?: string }
  | { type: 'tool_arguments'; json: string }
  | { type: 'tool_end' }
  | { type: 'usage'; usage: Usage }
  | { type: 'finish'; reason: FinishReason; stopSequence?: string }
  | { type: 'fault'; fault: Fault };

export type { Json, JsonObject };
