import type { JsonObject } from '../../../kit/json.ts';
import type { EventWriter } from './event-writer.ts';
import type { ItemStatus } from './output-items.ts';

/**
 * An item of a streamed answer while it is open: announced by `open`, grown by deltas, closed once. `item` is what
 * stands in the output of the complete response.
 */
export interface StreamItem {
  open(writer: EventWriter): string;
  close(writer: EventWriter, status: ItemStatus): string;
  /** As far as it has come. */
  item(status: ItemStatus): JsonObject;
}

export function itemAdded(writer: EventWriter, outputIndex: number, item: JsonObject): string {
  return writer.event('response.output_item.added', { output_index: outputIndex, item });
}

export function itemDone(writer: EventWriter, outputIndex: number, item: JsonObject): string {
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
    return itemAdded(writer, this.#index, this.#item);
  }

  close(writer: EventWriter): string {
    return itemDone(writer, this.#index, this.#item);
  }

  item(): JsonObject {
    return this.#item;
  }
}
