import type { JsonObject } from '../../../kit/json.ts';
import { pushAll } from '../../../kit/push-all.ts';
import type { Conversation, Message, Part, ToolCallPart, ToolResultPart } from '../../conversation/contract.ts';
import { pairToolResults } from '../../conversation/pair-tool-results.ts';
import { ownSignature } from '../../conversation/signature.ts';
import { encodeCall, encodeResult, encodeUserPart, resultMedia, textPart } from './encode-parts.ts';
import { demandsSignatures } from './thinking-config.ts';
import type { GeminiToolNames } from './tool-names.ts';

/**
 * Messages as Gemini demands them: user first, roles taking turns, no content without parts, and all results of a step
 * in one turn, in the order of its calls.
 */
export class ContentEncoder {
  readonly contents: JsonObject[] = [];
  readonly #names: GeminiToolNames;
  readonly #needsSignatures: boolean;
  readonly #dropped: Set<string>;
  readonly #callNames = new Map<string, string>();

  constructor(model: string, names: GeminiToolNames, dropped: Set<string>) {
    this.#names = names;
    this.#needsSignatures = demandsSignatures(model);
    this.#dropped = dropped;
  }

  encode({ messages }: Pick<Conversation, 'messages'>): JsonObject[] {
    for (const message of pairToolResults(messages)) this.#add(message);
    if (this.contents[0]?.['role'] !== 'user') this.contents.unshift({ role: 'user', parts: [{ text: '...' }] });
    // An answer is given to a user's turn; a prefill cannot be continued.
    if (this.contents.at(-1)?.['role'] === 'model') this.#push('user', [{ text: 'Continue.' }]);
    return this.contents;
  }

  /** System text in the midst of a conversation keeps its place, as something the user says. */
  #add({ role, parts }: Message): void {
    if (role === 'assistant') this.#push('model', this.#modelParts(parts));
    else this.#push('user', this.#userParts(parts));
  }

  #push(role: 'user' | 'model', parts: JsonObject[]): void {
    if (parts.length === 0) return;
    const last = this.contents.at(-1);
    if (last?.['role'] === role) pushAll(last['parts'] as JsonObject[], parts);
    else this.contents.push({ role, parts });
  }

  /** Results first, then their pictures, then the rest. */
  #userParts(parts: readonly Part[]): JsonObject[] {
    const results = parts.filter((part): part is ToolResultPart => part.type === 'tool_result');
    const rest = parts.filter((part) => part.type !== 'tool_result');
    return [
      ...results.map((result) => encodeResult(result, this.#nameOf(result))),
      ...results.flatMap(resultMedia),
      ...rest.map(encodeUserPart).filter((part) => part !== undefined),
    ];
  }

  #nameOf({ callId, name }: ToolResultPart): string {
    return this.#callNames.get(callId) ?? this.#names.sent(name ?? 'tool');
  }

  #modelParts(parts: readonly Part[]): JsonObject[] {
    let isFirstCall = true;
    const encoded = parts.map((part) => {
      if (part.type !== 'tool_call') return this.#modelPart(part);
      const call = this.#call(part, isFirstCall);
      isFirstCall = false;
      return call;
    });
    return encoded.filter((part) => part !== undefined);
  }

  #call(call: ToolCallPart, isFirst: boolean): JsonObject {
    const name = this.#names.sent(call.name);
    this.#callNames.set(call.id, name);
    return encodeCall(call, name, isFirst && this.#needsSignatures);
  }

  /** Thoughts go back with the signature that Gemini gave them, or not at all. */
  #modelPart(part: Part): JsonObject | undefined {
    if (part.type === 'text') return textPart(part.text);
    if (part.type === 'image') return encodeUserPart(part);
    if (part.type !== 'thinking' && part.type !== 'redacted_thinking') return undefined;
    const signature = part.type === 'thinking' ? ownSignature('gemini', part.signature) : undefined;
    // A signature that came alone belongs to text, and nobody asks for that one back.
    if (part.type === 'thinking' && part.text === '' && signature !== undefined) return undefined;
    if (part.type === 'thinking' && signature !== undefined) {
      return { text: part.text.toWellFormed(), thought: true, thoughtSignature: signature };
    }
    this.#dropped.add('messages.thinking');
    return undefined;
  }
}
