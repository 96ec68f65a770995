import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { StreamEvent } from '../../conversation/contract.ts';
import { CallQueue } from './call-queue.ts';
import { decodeCallSignature } from './call-signature.ts';
import { decodeAnswerImage, text } from './decode-answer.ts';
import { decodeReasoningDetail, decodeTextAndThinking, plainReasoning } from './reasoning.ts';
import type { CallFragment } from './streamed-call.ts';

/** Turns the deltas of one choice into events: reasoning, then text, then calls, as they stand in a chunk. */
export class ChoiceReader {
  readonly #calls: CallQueue;
  #sawRefusal = false;
  #hasContent = false;

  constructor(inventId: () => string) {
    this.#calls = new CallQueue(inventId);
  }

  get saw(): { toolCall: boolean; refusal: boolean } {
    return { toolCall: this.#calls.hasNamedCall, refusal: this.#sawRefusal };
  }

  /** Anything of an answer has come. */
  get hasContent(): boolean {
    return this.#hasContent || this.#calls.hasNamedCall;
  }

  read(delta: JsonObject, out: StreamEvent[]): void {
    this.#readReasoning(delta, out);
    for (const part of decodeTextAndThinking(delta['content'])) this.#say(part.type, part.text, out);
    const refusal = text(delta['refusal']);
    if (refusal !== '') this.#sawRefusal = true;
    this.#say('text', refusal, out);
    if (Array.isArray(delta['images'])) this.#readImages(delta['images'], out);
    for (const fragment of fragmentsOf(delta)) this.#calls.push(fragment, out);
  }

  end(out: StreamEvent[]): void {
    this.#calls.end(out);
  }

  #say(type: 'text' | 'thinking', text: string, out: StreamEvent[]): void {
    if (text === '') return;
    this.#hasContent = true;
    this.#calls.pass({ type, text }, text.length, out);
  }

  /** Upstreams that send both fields repeat the text: the plain one wins, the details give signatures. */
  #readReasoning(delta: JsonObject, out: StreamEvent[]): void {
    const plain = plainReasoning(delta);
    this.#say('thinking', plain, out);
    const details = delta['reasoning_details'];
    if (!Array.isArray(details)) return;
    for (const detail of details) this.#readDetail(detail, plain === '', out);
  }

  #readDetail(detail: Json, usesText: boolean, out: StreamEvent[]): void {
    const part = decodeReasoningDetail(detail);
    if (part === undefined) return;
    this.#hasContent = true;
    if (part.type === 'redacted_thinking') {
      this.#calls.pass(part, part.data.length, out);
      return;
    }
    if (usesText) this.#say('thinking', part.text, out);
    if (part.signature === undefined) return;
    this.#calls.pass({ type: 'thinking_signature', signature: part.signature }, part.signature.length, out);
  }

  #readImages(images: Json[], out: StreamEvent[]): void {
    for (const from of images) {
      const image = decodeAnswerImage(from);
      if (image === undefined) continue;
      this.#hasContent = true;
      this.#calls.pass(image, image.data.length, out);
    }
  }
}

function fragmentsOf(delta: JsonObject): CallFragment[] {
  const calls = delta['tool_calls'];
  if (Array.isArray(calls)) return calls.filter(isJsonObject).map(decodeFragment);
  const legacy = delta['function_call'];
  return isJsonObject(legacy) ? [decodeFragment({ index: 0, function: legacy })] : [];
}

function decodeFragment(call: JsonObject): CallFragment {
  const definition = isJsonObject(call['function']) ? call['function'] : {};
  const sent = definition['arguments'];
  return {
    id: text(call['id']),
    index: typeof call['index'] === 'number' ? call['index'] : undefined,
    name: text(definition['name']),
    // A few servers send the arguments as an object, at once.
    json: isJsonObject(sent) ? JSON.stringify(sent) : text(sent),
    signature: decodeCallSignature(call),
  };
}
