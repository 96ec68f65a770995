import type { JsonObject } from '../../../kit/json.ts';
import { argumentsObject } from '../../conversation/arguments.ts';
import type { Message, Part, ToolCallPart, ToolResultPart } from '../../conversation/contract.ts';
import { encodeImage } from './carried-media.ts';
import { cleanInput } from './clean-input.ts';
import type { CodewhispererTraits } from './contract.ts';
import { SentCallIds } from './sent-call-ids.ts';
import type { SentToolNames } from './sent-tool-names.ts';

/** Fill what would be empty: the service's clients never send that. A blank cannot be imitated by the model. */
const callsOnly = ' ';
const resultsOnly = 'Tool results follow.';
const imagesOnly = 'See the image.';
const noOutput = '(no output)';

/** A user's turn before it is put into its frame; the last one gets the tools. */
export interface UserTurn {
  content: string;
  readonly images: JsonObject[];
  readonly toolResults: JsonObject[];
}

/** Writes the entries of one request's history. Takes messages in the order that `wholeHistory` makes. */
export class EntryEncoder {
  readonly #model: string;
  readonly #traits: CodewhispererTraits;
  readonly #names: SentToolNames;
  readonly #ids = new SentCallIds();
  /** Ids of the calls that the next user's turn answers, in order. */
  #open: string[] = [];

  constructor(model: string, traits: CodewhispererTraits, names: SentToolNames) {
    this.#model = model;
    this.#traits = traits;
    this.#names = names;
  }

  entry(message: Message): JsonObject {
    return message.role === 'assistant' ? this.assistant(message) : this.user(this.turn(message));
  }

  /** A turn of the user. Images of results move up to the turn, since results cannot hold them. */
  turn({ parts }: Message): UserTurn {
    const results = parts.filter((part): part is ToolResultPart => part.type === 'tool_result');
    const toolResults = results.map((result) => this.#result(result));
    const inner = results.flatMap((result): Part[] => result.content);
    const images = [...inner, ...parts].flatMap((part) => (part.type === 'image' ? [encodeImage(part)] : []));
    const text = joinedText(parts);
    const filler = toolResults.length > 0 ? resultsOnly : imagesOnly;
    return { content: text === '' ? filler : text, images, toolResults };
  }

  /** The frame of a user's turn, with the tools where it is the current one. */
  user({ content, images, toolResults }: UserTurn, tools: readonly JsonObject[] = []): JsonObject {
    const { envState, origin } = this.#traits;
    const context: JsonObject = {};
    if (envState !== undefined) context['envState'] = { ...envState };
    if (toolResults.length > 0) context['toolResults'] = toolResults;
    if (tools.length > 0) context['tools'] = [...tools];
    const message: JsonObject = { content, modelId: this.#model, origin };
    if (images.length > 0) message['images'] = images;
    if (Object.keys(context).length > 0) message['userInputMessageContext'] = context;
    return { userInputMessage: message };
  }

  assistant({ parts }: Message): JsonObject {
    const calls = parts.filter((part): part is ToolCallPart => part.type === 'tool_call');
    const message: JsonObject = { content: joinedText(parts) || callsOnly };
    const reasoning = reasoningOf(parts);
    if (reasoning !== undefined) message['reasoningContent'] = reasoning;
    this.#open = calls.map((call) => this.#ids.next(call.id));
    if (calls.length > 0) message['toolUses'] = calls.map((call, index) => this.#call(call, this.#open[index]!));
    return { assistantResponseMessage: message };
  }

  #call(call: ToolCallPart, toolUseId: string): JsonObject {
    const input = cleanInput(argumentsObject(call.argumentsJson));
    return { toolUseId, name: this.#names.of(call.name), input };
  }

  /** Results stand in the order of their calls, so the next open id is this one's. */
  #result({ callId, isError, content }: ToolResultPart): JsonObject {
    const toolUseId = this.#open.shift() ?? this.#ids.next(callId);
    const texts = content.flatMap((part) => (part.type === 'text' ? [{ text: part.text.toWellFormed() }] : []));
    const images = content.some((part) => part.type === 'image');
    if (texts.length === 0) texts.push({ text: images ? imagesOnly : noOutput });
    return { toolUseId, status: isError === true ? 'error' : 'success', content: texts };
  }
}

/** Halves of characters, which clients send where they cut a text, are refused. */
function joinedText(parts: readonly Part[]): string {
  return parts
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n\n')
    .toWellFormed();
}

/** One message holds one thought: the first, which led to the rest of the turn. */
function reasoningOf(parts: readonly Part[]): JsonObject | undefined {
  for (const part of parts) {
    if (part.type === 'thinking')
      return { reasoningText: { text: part.text.toWellFormed(), signature: part.signature } };
    if (part.type === 'redacted_thinking') return { redactedContent: part.data };
  }
  return undefined;
}
