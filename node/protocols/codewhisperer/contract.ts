/**
 * AWS's `GenerateAssistantResponse`, which Amazon Q and Kiro share: a JSON request with the whole history, answered by
 * an AWS event stream. It has no client side.
 */
import type { Answer, Conversation } from '../../conversation/contract.ts';
import type { JsonObject } from '../../../kit/json.ts';
import type { StreamDecoder } from '../contract.ts';

/** What the two providers (and their hosts) do differently in a request. */
export interface CodewhispererTraits {
  /** `CLI`, `KIRO_CLI`, `AI_EDITOR`: the quota pool. */
  readonly origin: string;
  readonly profileArn?: string;
  /** Amazon Q's clients always send it; Kiro's never. */
  readonly envState?: { readonly operatingSystem: string; readonly currentWorkingDirectory: string };
  /** Kiro: `vibe`. */
  readonly agentTaskType?: string;
  /**
   * Kiro's new hosts carry thinking natively, in fields of the request and events of its own; the others by tags:
   * Amazon Q's clients put them behind the user's text, Kiro's before the system prompt.
   */
  readonly thinking: 'text-tags' | 'system-tags' | 'native';
  /** New for each request. */
  readonly conversationId: string;
  readonly agentContinuationId?: string;
  /** Longest description of a tool, bytes; what is over goes to the system prompt. */
  readonly toolDescriptionBytesMax: number;
}

export interface EncodedCodewhisperer {
  readonly body: JsonObject;
  readonly dropped: string[];
  readonly reading: ReadingContext;
}

/** What reading an answer needs to know of its request. */
export interface ReadingContext {
  /** The model as the client's request resolved it; the answer's `model`. */
  readonly model: string;
  /** Tool names that were shortened or cleaned: as sent, as the client knows them. */
  readonly toolNames: ReadonlyMap<string, string>;
  /** Stop sequences, applied here to the text: the format cannot carry them. */
  readonly stop: readonly string[];
  /** The client asked for thinking and it was asked for by tags: `<thinking>` at the beginning of the text is cut out. */
  readonly readsThinkingTags: boolean;
  /** Estimate over the request; for usage where the stream gives none. */
  readonly estimatedInputTokens: number;
  /** The model's window, tokens; turns `contextUsagePercentage` into tokens. */
  readonly contextTokens: number;
}

/** Made by `encodeRequest`; the conversation is left as it is. Throws a Fault (400, with the field) for what cannot be carried. */
export type EncodeCodewhisperer = (
  conversation: Conversation,
  traits: CodewhispererTraits,
  contextTokens: number,
) => EncodedCodewhisperer;

/** Reads event streams. `id` is a fresh answer id (`msg_…`), since the service gives none. */
export interface CodewhispererReader {
  openDecoder(reading: ReadingContext, id: string): StreamDecoder;
  decodeAnswer(body: Buffer, reading: ReadingContext, id: string): Answer;
}
