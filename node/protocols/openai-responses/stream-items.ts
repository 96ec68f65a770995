/**
 * Items of a streamed answer while they are open. Each is announced by its constructor's `open`, grows by deltas and
 * is closed once; `item` is then what stands in the output of the complete response.
 */
import type { JsonObject } from '../../../kit/json.ts';
import { WholeText } from '../whole-text.ts';
import type { EventWriter } from './event-writer.ts';
import { callItem, type CallFacts, type ItemStatus, messageItem, reasoningItem, textPart } from './output-items.ts';
import { unwrapFreeform } from './tool-kinds.ts';

export interface StreamItem {
  open(writer: EventWriter): string;
  close(writer: EventWriter, status: ItemStatus): string;
  /** As far as it has come. */
  item(status: ItemStatus): JsonObject;
}

function added(writer: EventWriter, outputIndex: number, item: JsonObject): string {
  return writer.event('response.output_item.added', { output_index: outputIndex, item });
}

function done(writer: EventWriter, outputIndex: number, item: JsonObject): string {
  return writer.event('response.output_item.done', { output_index: outputIndex, item });
}

/** An item that comes as a whole. */
export class WholeItem implements StreamItem {
  readonly #index: number;
  readonly #item: JsonObject;

  constructor(outputIndex: number, item: JsonObject) {
    this.#index = outputIndex;
    this.#item = item;
  }

  open(writer: EventWriter): string {
    return added(writer, this.#index, this.#item);
  }

  close(writer: EventWriter): string {
    return done(writer, this.#index, this.#item);
  }

  item(): JsonObject {
    return this.#item;
  }
}

export class MessageItem implements StreamItem {
  readonly #id: string;
  readonly #index: number;
  readonly #place: JsonObject;
  readonly #deltaHead: string;
  readonly #whole = new WholeText();
  #text = '';

  constructor(id: string, outputIndex: number) {
    this.#id = id;
    this.#index = outputIndex;
    this.#place = { item_id: id, output_index: outputIndex, content_index: 0 };
    this.#deltaHead = `${JSON.stringify(this.#place).slice(1, -1)},"logprobs":[],"delta":`;
  }

  open(writer: EventWriter): string {
    const item = added(writer, this.#index, messageItem(this.#id, 'in_progress', undefined));
    return item + writer.event('response.content_part.added', { ...this.#place, part: textPart('') });
  }

  delta(writer: EventWriter, text: string): string {
    return this.#send(writer, this.#whole.take(text));
  }

  #send(writer: EventWriter, text: string): string {
    if (text === '') return '';
    this.#text += text;
    return writer.raw('response.output_text.delta', this.#deltaHead + JSON.stringify(text));
  }

  close(writer: EventWriter, status: ItemStatus): string {
    const rest = this.#send(writer, this.#whole.flush());
    const text = this.#text;
    const textDone = writer.event('response.output_text.done', { ...this.#place, logprobs: [], text });
    const part = writer.event('response.content_part.done', { ...this.#place, part: textPart(text) });
    return rest + textDone + part + done(writer, this.#index, this.item(status));
  }

  item(status: ItemStatus): JsonObject {
    return messageItem(this.#id, status, this.#text);
  }
}

export class ReasoningItem implements StreamItem {
  readonly #id: string;
  readonly #index: number;
  readonly #place: JsonObject;
  readonly #whole = new WholeText();
  #text: string | undefined;
  #encrypted: string | undefined;

  constructor(id: string, outputIndex: number) {
    this.#id = id;
    this.#index = outputIndex;
    this.#place = { item_id: id, output_index: outputIndex, summary_index: 0 };
  }

  /** A signature ends a block of thinking; what comes after it is another one. */
  get isSealed(): boolean {
    return this.#encrypted !== undefined;
  }

  open(writer: EventWriter): string {
    return added(writer, this.#index, reasoningItem(this.#id, undefined, undefined));
  }

  delta(writer: EventWriter, text: string): string {
    return this.#send(writer, this.#whole.take(text));
  }

  seal(encrypted: string): void {
    this.#encrypted = encrypted;
  }

  #send(writer: EventWriter, text: string): string {
    if (text === '') return '';
    const opening = this.#text === undefined ? this.#part(writer, 'added', '') : '';
    this.#text = (this.#text ?? '') + text;
    return opening + writer.event('response.reasoning_summary_text.delta', { ...this.#place, delta: text });
  }

  #part(writer: EventWriter, step: 'added' | 'done', text: string): string {
    const part = { type: 'summary_text', text };
    return writer.event(`response.reasoning_summary_part.${step}`, { ...this.#place, part });
  }

  close(writer: EventWriter): string {
    const rest = this.#send(writer, this.#whole.flush());
    return rest + this.#closeText(writer) + done(writer, this.#index, this.item());
  }

  #closeText(writer: EventWriter): string {
    const text = this.#text;
    if (text === undefined) return '';
    const textDone = writer.event('response.reasoning_summary_text.done', { ...this.#place, text });
    return textDone + this.#part(writer, 'done', text);
  }

  item(): JsonObject {
    return reasoningItem(this.#id, this.#text, this.#encrypted);
  }
}

export class CallItem implements StreamItem {
  readonly #facts: CallFacts;
  readonly #index: number;
  readonly #place: JsonObject;
  readonly #whole = new WholeText();
  #json = '';

  constructor(facts: CallFacts, outputIndex: number) {
    this.#facts = facts;
    this.#index = outputIndex;
    this.#place = { item_id: facts.id, output_index: outputIndex };
  }

  open(writer: EventWriter): string {
    return added(writer, this.#index, callItem(this.#facts, 'in_progress', ''));
  }

  /** Arguments of plain functions stream; those of other shapes are known only when they are complete. */
  delta(writer: EventWriter, json: string): string {
    return this.#send(writer, this.#whole.take(json));
  }

  #send(writer: EventWriter, json: string): string {
    if (json === '') return '';
    this.#json += json;
    if (this.#facts.kind.shape !== 'function') return '';
    return writer.event('response.function_call_arguments.delta', { ...this.#place, delta: json });
  }

  close(writer: EventWriter, status: ItemStatus): string {
    const isEmpty = this.#json === '' && status === 'completed';
    const rest = this.#send(writer, isEmpty ? '{}' : this.#whole.flush());
    return rest + this.#closeArguments(writer) + done(writer, this.#index, this.item(status));
  }

  #closeArguments(writer: EventWriter): string {
    const { shape, name } = this.#facts.kind;
    if (shape === 'function') {
      return writer.event('response.function_call_arguments.done', { ...this.#place, name, arguments: this.#json });
    }
    if (shape !== 'custom') return '';
    const input = unwrapFreeform(this.#json);
    const delta = writer.event('response.custom_tool_call_input.delta', { ...this.#place, delta: input });
    return delta + writer.event('response.custom_tool_call_input.done', { ...this.#place, input });
  }

  item(status: ItemStatus): JsonObject {
    return callItem(this.#facts, status, this.#json);
  }
}
