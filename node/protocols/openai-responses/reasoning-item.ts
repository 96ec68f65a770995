import type { JsonObject } from '../../../kit/json.ts';
import { WholeText } from '../whole-text.ts';
import type { EventWriter } from './event-writer.ts';
import { reasoningItem } from './output-items.ts';
import { itemAdded, itemDone, type StreamItem } from './stream-item.ts';

/** Reasoning whose summary is the thinking so far. */
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
    return itemAdded(writer, this.#index, reasoningItem(this.#id, undefined, undefined));
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
    return rest + this.#closeText(writer) + itemDone(writer, this.#index, this.item());
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
