import type { JsonObject } from '../../../kit/json.ts';
import { WholeText } from '../whole-text.ts';
import type { EventWriter } from './event-writer.ts';
import { type ItemStatus, messageItem, textPart } from './output-items.ts';
import { itemAdded, itemDone, type StreamItem } from './stream-item.ts';

/** A message of one text part. */
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
    const item = itemAdded(writer, this.#index, messageItem(this.#id, 'in_progress', undefined));
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
    return rest + textDone + part + itemDone(writer, this.#index, this.item(status));
  }

  item(status: ItemStatus): JsonObject {
    return messageItem(this.#id, status, this.#text);
  }
}
