/** OCI's three chat formats as one seam: a conversation in, a request body and the reader of its answer out. */
import type { Json, JsonObject } from '../../../../kit/json.ts';
import type { Random } from '../../../../kit/random.ts';
import type { StreamEvent } from '../../../conversation/contract.ts';
import type { AnswerReader } from '../../contract.ts';

export type OciApiFormat = 'GENERIC' | 'COHERE' | 'COHEREV2';

/** To what a conversation is sent, and how. */
export interface OciChatTarget {
  /** OCID of the compartment that pays. */
  readonly compartmentId: string;
  /** `{servingType: ON_DEMAND, modelId}` or `{servingType: DEDICATED, endpointId}`; goes into the body as it is. */
  readonly servingMode: JsonObject;
  /** Name that goes upstream; its prefix tells the family (`xai.grok-4`), which an OCID does not. */
  readonly model: string;
  /** Outweighs the model's name; needed where that is an OCID. */
  readonly apiFormat?: OciApiFormat;
  /** Bound on output tokens where the client gives none: some models stop after about 20 tokens without one. */
  readonly defaultMaxTokens: number;
  /** Makes ids for calls that come without one. */
  readonly random: Random;
}

export interface EncodedOciChat {
  /** Body of `POST /20231130/actions/chat`. */
  readonly body: JsonObject;
  /** Fields of the conversation that the format cannot carry, in snake case. */
  readonly dropped: string[];
  readonly reader: AnswerReader;
}

/** What one format makes of a conversation. */
export interface EncodedChatRequest {
  readonly chatRequest: JsonObject;
  /** Travelling names of tools, to the client's own. */
  readonly toolNames: ReadonlyMap<string, string>;
  /** The backend may print calls of its tools as text. */
  readonly printsCalls?: boolean;
}

/** Turns what the events of one answer say, or a whole answer, into the middle form. One per answer; holds its state. */
export interface ContentReader {
  /** Appends the content of this event; the event may end the answer as well. */
  read(event: JsonObject, out: StreamEvent[]): void;
  /** The answer is over: appends what is held. */
  end(out: StreamEvent[]): void;
  /** What has come so far. */
  readonly saw: { readonly toolCall: boolean; readonly refusal: boolean; readonly content: boolean };
}

/** What reading an answer needs to know of its request. */
export interface ReadingContext {
  /** The answer's id where it has none, as only one of the formats has. */
  readonly id: string;
  /** Shown as the answer's model where it names none. */
  readonly model: string;
  /** Stop sequences of the request. */
  readonly stop: readonly string[];
  openContent(): ContentReader;
}

export type { Json, JsonObject };
