/**
 * What one answer of the scripted upstream is to be. Every field is optional; an empty script is a plain echo.
 * The text form (model name, key, header) is read by `parse-script.ts`; tests in the same process may pass the object.
 */
export interface Script {
  // ---- What the model says ----
  /** Literal answer text in place of the echo. */
  say?: string;
  /** Text of exactly this many content events. */
  events?: number;
  /** Text that describes what arrived: images, roles, tools. */
  describe?: boolean;
  /** Tool calls: a number of calls over the offered tools, or the calls themselves. */
  calls?: number | ScriptedCall[];
  /** After a tool result the answer is text; without it the calls are made again on every turn. */
  callsOnce?: boolean;
  /** OpenAI: the argument fragments of parallel calls alternate (index 0,1,0,1 …). Anthropic never does that. */
  interleaved?: boolean;
  /** Qwen: the fragments of parallel calls share an index, lose their ids and repeat their names as "". */
  loose?: boolean;
  /** Thinking before the answer; Anthropic's carries a genuine signature. */
  thinking?: boolean;
  /** A redacted thinking block before the answer (Anthropic). */
  redacted?: boolean;
  /** Forces how the answer ends. */
  finish?: 'length' | 'refusal' | 'stop_sequence' | 'pause';
  /** AWS: real token counts, which its streams mostly lack. */
  tokenUsage?: boolean;
  /** AWS: the last call is left open, and nothing follows. */
  openCall?: boolean;
  /** Usage with cache reads and writes. */
  cached?: boolean;
  /** No usage at all in the answer (some OpenAI-compatible servers). */
  noUsage?: boolean;

  // ---- Refusals ----
  error?: ErrorName;
  /** For `rate-limit`: value of Retry-After; the vendor's reset headers carry the same with `resetHeaders`. */
  retryAfterSeconds?: number;
  resetHeaders?: boolean;
  /** AWS: another status, reason or text for `error`; the same reasons come under more than one status. */
  errorStatus?: number;
  errorReason?: string;
  errorMessage?: string;
  /** AWS: what `errorEventAfter` sends: an exception's type, `invalidStateEvent`, or `error` for one without a model. */
  exception?: string;
  /** An error event inside the 200 stream after this many content events (0: before any content). */
  errorEventAfter?: number;

  // ---- How the bytes come ----
  /** Before the status line, milliseconds. */
  delayMs?: number;
  /** Between events, milliseconds. */
  perEventMs?: number;
  /** Bytes per write; 1 is the cruellest. */
  pieceBytes?: number;
  /** All events in one write. */
  coalesced?: boolean;
  /** Body bytes after which the connection is reset (RST). */
  resetAtByte?: number;
  /** Body bytes after which the connection is closed (FIN) inside the chunked body. */
  cutAtByte?: number;
  /** The HTTP body ends properly after this many content events, without the terminal events. Infinity: after all of them. */
  truncateAfterEvents?: number;
  /** `headers`: status and headers, then nothing. `all`: not even those. */
  silent?: 'headers' | 'all';
  /** Nothing more after this many events; the connection stays open. */
  stallAfterEvents?: number;
  /** Content events without end. */
  endless?: boolean;
  /** One content event of about this many bytes. */
  hugeBytes?: number;
  /** `accepted`: only when the request accepts it. `always`: whether or not. */
  gzip?: 'accepted' | 'always';
  /** Line ends of the event stream. */
  lineEnd?: '\n' | '\r\n' | '\r';
  /** Comment lines and, for Anthropic, ping events between events. */
  chatter?: boolean;
  /** The body is not what the protocol says. */
  garbage?: 'html-200' | 'html-502' | 'broken-json' | 'empty';
  /** Content-Type to send in place of the right one. */
  contentType?: string;
  /** The idle connection is closed without notice once the answer is out. */
  hangUp?: boolean;

  /** Only the first N requests with this script follow it; later ones are answered plainly. */
  first?: number;
}

export interface ScriptedCall {
  name: string;
  input: unknown;
}

/** Refusals, each in the vendor's own status, headers and wording (see `anthropic-errors.ts`, `openai-errors.ts`). */
export const errorNames = [
  'rate-limit',
  'quota',
  'server-error',
  'unavailable',
  'overloaded',
  'expired',
  'forbidden',
  'suspended',
  'no-credit',
  'too-long',
  'too-large',
  'no-model',
  'bad-request',
] as const;
export type ErrorName = (typeof errorNames)[number];
