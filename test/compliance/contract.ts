import type { ProtocolId } from '../../node/protocols/contract.ts';
import type { Upstream } from '../upstream/upstream.ts';

/** What a client says, whatever its protocol. */
export interface Ask {
  model: string;
  system?: string;
  turns: Turn[];
  tools?: readonly ToolOffer[];
  stop?: readonly string[];
  /** The client asks the model to think. */
  thinking?: boolean;
}

export type Turn =
  | { by: 'user'; text: string; image?: ImageSource }
  /** The model's turn as the client keeps it: what `Heard.kept` was. */
  | { by: 'model'; kept: unknown }
  | { by: 'tools'; results: ToolResult[] };

export type ImageSource = { base64: string; mediaType: string } | { url: string };

export interface ToolOffer {
  name: string;
  description: string;
  schema: Record<string, unknown>;
}

export interface ToolResult {
  call: HeardCall;
  text: string;
  isError?: boolean;
  /** A PNG, base64. */
  image?: string;
}

export interface HeardCall {
  id: string;
  name: string;
  input: unknown;
}

/** What a client made of an answer, whatever its protocol. */
export interface Heard {
  text: string;
  /** Deltas of text that came. */
  pieces: number;
  thinking: string;
  calls: HeardCall[];
  /** How the answer ended in neutral words; undefined when it did not end. */
  finish: 'stop' | 'stop_sequence' | 'calls' | 'length' | undefined;
  model: string | undefined;
  inputTokens: number | undefined;
  outputTokens: number | undefined;
  /** Names in `x-aiproxy-dropped`. */
  dropped: string[];
  /** The answer says that its usage is an estimate. */
  isEstimate: boolean;
  /** The model's turn, to be handed back as it is. */
  kept: unknown;
  failure: Failure | undefined;
}

export interface Failure {
  /** Undefined when the answer had begun with 200. */
  status: number | undefined;
  /** The dialect's own word for the kind of error. */
  kind: string;
  message: string;
  /** Where the dialect says when to come again. */
  retryAfterSeconds: number | undefined;
}

/** What a protocol or a provider may have no word for; a case asks before it tries. */
export type Part =
  | 'stop sequences'
  | 'which end the text came to'
  | 'the error flag of a result'
  | 'an image in a result'
  | 'an image by URL'
  | 'the signature of a thought'
  | 'thinking'
  | 'ids of calls'
  | 'expired tokens'
  | 'suspended accounts';

/** Reasons in words, by what cannot be had. */
export type Reasons = Partial<Record<Part, string>>;

/** A client of one protocol. */
export interface Speaker {
  readonly id: ProtocolId;
  readonly title: string;
  /** What its protocol cannot say. */
  readonly cannot: Reasons;
  /** Its word for a full rate limit. */
  readonly rateLimitKind: string;
  ask(door: Door, ask: Ask, isStream: boolean): Promise<Heard>;
}

/** Where a client is pointed. */
export interface Door {
  url: string;
  key: string;
}

/** A kind of account at one provider. */
export interface Subject {
  readonly id: string;
  readonly title: string;
  /** Served by the first account alone. */
  readonly model: string;
  /** Served by both accounts. */
  readonly pairModel: string;
  start(): Promise<SubjectUpstream>;
  /** Why something cannot be had there, by what it is. */
  readonly cannot: Reasons;
  /** What is lost on the way there: why, by the name in `x-aiproxy-dropped`. `usage`: the count is an estimate. */
  readonly losses: Readonly<Record<string, string>>;
  /** The same of fields that no case is about, such as a bound that a protocol demands: told once, beside the table. */
  readonly besides?: Readonly<Record<string, string>>;
  /** What is refused there with 400: why, by the field that the message names. */
  readonly refusals: Readonly<Record<string, string>>;
  /** What the provider signs of a thought before a call, and must see again on the next turn. */
  readonly signature?: (model: string, tool: string) => string;
  /** What tests of whole clients leave out there. */
  readonly lacks?: readonly Lack[];
}

export type Lack =
  'unasked thinking' | 'forced tools' | 'bounds of the output' | 'answers by a schema' | 'names of wrong parameters';

/** The stand-in of a subject, running. */
export interface SubjectUpstream {
  readonly upstream: Upstream;
  /** An account's fields beside id and models. */
  account(name: 'first' | 'second'): Record<string, unknown>;
  /** Ends all access tokens; absent where there are none. */
  expireTokens?(): void;
  /** New access tokens issued so far. */
  renewed?(): number;
  close(): Promise<void>;
}
