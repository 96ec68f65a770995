import { isJsonObject, type Json, type JsonObject } from '../../../../kit/json.ts';
import type { StreamEvent } from '../../../conversation/contract.ts';
import { openCallQueue } from '../../../protocols/openai-chat/call-queue.ts';
import type { CallFragment } from '../../../protocols/openai-chat/streamed-call.ts';
import type { ContentReader } from './contract.ts';

/**
 * Reads `message` of GENERIC and COHEREV2, whole or a delta: thoughts, then text, then calls. Fragments of calls carry
 * no index: a known id continues its call, a new one begins another, without one the call last begun at that place of
 * the list goes on; calls of Gemini come whole and without ids.
 */
export class MessageReader implements ContentReader {
  readonly #calls: ReturnType<typeof openCallQueue>;
  readonly #toolNames: ReadonlyMap<string, string>;
  #sawRefusal = false;
  #sawContent = false;

  constructor(toolNames: ReadonlyMap<string, string>, inventId: () => string) {
    this.#toolNames = toolNames;
    this.#calls = openCallQueue(inventId);
  }

  get saw(): { toolCall: boolean; refusal: boolean; content: boolean } {
    const toolCall = this.#calls.hasNamedCall;
    return { toolCall, refusal: this.#sawRefusal, content: this.#sawContent || toolCall };
  }

  read(event: JsonObject, out: StreamEvent[]): void {
    const message = event['message'];
    if (!isJsonObject(message)) return;
    this.#say('thinking', message['reasoningContent'], out);
    for (const part of listOf(message['content'])) this.#readPart(part, out);
    this.#say('text', message['toolPlan'], out);
    this.#sawRefusal ||= typeof message['refusal'] === 'string' && message['refusal'] !== '';
    this.#say('text', message['refusal'], out);
    listOf(message['toolCalls']).forEach((call, position) => {
      if (isJsonObject(call)) this.#calls.push(this.#fragment(call, position), out);
    });
  }

  end(out: StreamEvent[]): void {
    this.#calls.end(out);
  }

  #readPart(part: Json, out: StreamEvent[]): void {
    if (!isJsonObject(part)) {
      this.#say('text', part, out);
      return;
    }
    this.#say('thinking', part['thinking'], out);
    this.#say('text', part['text'], out);
  }

  #say(type: 'text' | 'thinking', text: Json | undefined, out: StreamEvent[]): void {
    if (typeof text !== 'string' || text === '') return;
    this.#sawContent = true;
    this.#calls.pass({ type, text }, text.length, out);
  }

  /** Flat in GENERIC; COHEREV2 writes name and arguments below `function`. */
  #fragment(call: JsonObject, position: number): CallFragment {
    const definition = isJsonObject(call['function']) ? call['function'] : call;
    const id = textOf(call['id']);
    const name = textOf(definition['name']);
    const json = argumentsOf(definition['arguments']);
    return {
      id,
      index: position,
      name: this.#toolNames.get(name) ?? name,
      // A call without id is a whole one: empty arguments are all that it has.
      json: json === '' && id === '' && name !== '' ? '{}' : json,
      signature: undefined,
    };
  }
}

function argumentsOf(sent: Json | undefined): string {
  return isJsonObject(sent) ? JSON.stringify(sent) : textOf(sent);
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function listOf(value: Json | undefined): Json[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}
