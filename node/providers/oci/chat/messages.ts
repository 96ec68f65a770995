import { pushAll } from '../../../../kit/push-all.ts';
import type {
  AudioPart,
  Conversation,
  ImagePart,
  Message,
  Part,
  ThinkingPart,
  ToolCallPart,
  ToolResultPart,
} from '../../../conversation/contract.ts';
import { pairToolResults } from '../../../conversation/pair-tool-results.ts';
import { upstreamCallId } from '../../../protocols/openai-chat/call-id.ts';
import { distinctIds } from '../../../protocols/openai-chat/encode-messages.ts';
import { type Attachment, resultAttachments } from '../../../protocols/openai-chat/encode-parts.ts';
import type { Json, JsonObject } from './contract.ts';
import { documentText } from './media.ts';
import { resultTextOf } from './result-text.ts';
import { joinTexts, systemText } from './system-text.ts';

/** In what the two formats with a list of messages differ. */
export interface MessageShape {
  image(part: ImagePart): JsonObject;
  /** Throws where the format has no audio. */
  audio(part: AudioPart): JsonObject;
  /** A past thought; undefined where it cannot be sent back. */
  thought(part: ThinkingPart): JsonObject | undefined;
  call(call: ToolCallPart, id: string): JsonObject;
  /** Content of an assistant's message that says nothing beside its calls. */
  readonly callsOnly: Json;
  /** Text of a tool's message without output. */
  readonly emptyResult: string;
  /** False: each call of a turn gets a message of its own, with its result right behind it. */
  readonly takesParallelCalls: boolean;
}

interface PendingCall {
  readonly id: string;
  /** Said right before its result. */
  readonly message: JsonObject | undefined;
}

/** Messages in the order that these formats demand: results right behind their calls, in the order of the calls. */
export function encodeMessages(
  { system, messages }: Pick<Conversation, 'system' | 'messages'>,
  shape: MessageShape,
  dropped: Set<string>,
): JsonObject[] {
  const writer = new MessageWriter(shape, dropped);
  writer.system(systemText(system));
  // Backends' templates fail on a conversation that the assistant opens.
  if (messages.find(({ role }) => role !== 'system')?.role === 'assistant')
    writer.user([{ type: 'text', text: '...' }]);
  for (const message of pairToolResults(messages)) writer.add(message);
  return writer.end();
}

class MessageWriter {
  readonly #wire: JsonObject[] = [];
  readonly #shape: MessageShape;
  readonly #dropped: Set<string>;
  /** Media that neither an assistant's message nor a tool's can hold; the next user message does. */
  #waiting: Attachment[] = [];
  /** Calls of the last assistant's turn that wait for their results. */
  #pending: PendingCall[] = [];

  constructor(shape: MessageShape, dropped: Set<string>) {
    this.#shape = shape;
    this.#dropped = dropped;
  }

  add({ role, parts }: Message): void {
    if (role === 'user') {
      this.user(parts);
      return;
    }
    this.#flush();
    if (role === 'system') this.system(joinTexts(parts, '\n\n'));
    else this.#assistant(parts);
  }

  system(text: string): void {
    if (text !== '') this.#wire.push({ role: 'SYSTEM', content: [textPart(text)] });
  }

  /** Results stand first in a paired message. */
  user(parts: readonly Part[]): void {
    for (const part of parts) if (part.type === 'tool_result') this.#result(part);
    const said = parts.filter((part) => part.type !== 'tool_result');
    this.#pushUser([...this.#waiting.splice(0), ...said].flatMap((part) => this.#userPart(part)));
  }

  end(): JsonObject[] {
    this.#flush();
    return this.#wire;
  }

  #flush(): void {
    if (this.#waiting.length > 0) this.user([]);
  }

  #pushUser(content: JsonObject[]): void {
    if (content.length === 0) return;
    const last = this.#wire.at(-1);
    const before = last?.['role'] === 'USER' ? last['content'] : undefined;
    if (Array.isArray(before)) pushAll(before, content);
    else this.#wire.push({ role: 'USER', content });
  }

  #result(result: ToolResultPart): void {
    const pending = this.#pending.shift();
    if (pending?.message !== undefined) this.#wire.push(pending.message);
    const text = resultTextOf(result) || this.#shape.emptyResult;
    const toolCallId = pending?.id ?? upstreamCallId(result.callId);
    this.#wire.push({ role: 'TOOL', toolCallId, content: [textPart(text)] });
    pushAll(this.#waiting, resultAttachments(result.content));
  }

  #userPart(part: Part): JsonObject[] {
    switch (part.type) {
      case 'text':
        return part.text === '' ? [] : [textPart(part.text)];
      case 'document':
        return [textPart(documentText(part))];
      case 'image':
        return [this.#shape.image(part)];
      case 'audio':
        return [this.#shape.audio(part)];
      default:
        return [];
    }
  }

  #assistant(parts: readonly Part[]): void {
    const content = [...this.#thoughts(parts), ...this.#spoken(parts)];
    const calls = parts.filter((part): part is ToolCallPart => part.type === 'tool_call');
    this.#waiting = parts.filter((part) => part.type === 'image' || part.type === 'document');
    if (calls.length > 0) this.#callsOf(calls, content);
    else if (content.length > 0) this.#wire.push({ role: 'ASSISTANT', content });
  }

  #spoken(parts: readonly Part[]): JsonObject[] {
    const text = joinTexts(parts, '');
    return text === '' ? [] : [textPart(text)];
  }

  #thoughts(parts: readonly Part[]): JsonObject[] {
    return parts.flatMap((part) => {
      if (part.type !== 'thinking' && part.type !== 'redacted_thinking') return [];
      const thought = part.type === 'thinking' && part.text !== '' ? this.#shape.thought(part) : undefined;
      if (thought === undefined) this.#dropped.add('messages.thinking');
      return thought === undefined ? [] : [thought];
    });
  }

  #callsOf(calls: readonly ToolCallPart[], content: JsonObject[]): void {
    const { takesParallelCalls, callsOnly } = this.#shape;
    const ids = distinctIds(calls);
    const toolCalls = calls.map((call, index) => this.#shape.call(call, ids[index]!));
    const said = takesParallelCalls ? toolCalls : toolCalls.slice(0, 1);
    this.#wire.push({ role: 'ASSISTANT', content: content.length === 0 ? callsOnly : content, toolCalls: said });
    this.#pending = toolCalls.map((toolCall, index) => ({
      id: ids[index]!,
      message: index < said.length ? undefined : { role: 'ASSISTANT', content: callsOnly, toolCalls: [toolCall] },
    }));
  }
}

function textPart(text: string): JsonObject {
  return { type: 'TEXT', text: text.toWellFormed() };
}
