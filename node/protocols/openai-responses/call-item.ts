import type { JsonObject } from '../../../kit/json.ts';
import { WholeText } from '../whole-text.ts';
import type { EventWriter } from './event-writer.ts';
import { callItem, type CallFacts, type ItemStatus } from './output-items.ts';
import { itemAdded, itemDone, type StreamItem } from './stream-item.ts';
import { unwrapFreeform } from './tool-kinds.ts';

/** A call of a tool, in the shape in which the client declared it. */
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
    return this.#isAnnounced ? itemAdded(writer, this.#index, callItem(this.#facts, 'in_progress', '')) : '';
  }

  /** The client's own shell and search have no deltas, and half an action is none: they come when they are complete. */
  get #isAnnounced(): boolean {
    return this.#facts.kind.shape === 'function' || this.#facts.kind.shape === 'custom';
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
    const announcement = this.#isAnnounced ? '' : itemAdded(writer, this.#index, this.item(status));
    return rest + this.#closeArguments(writer) + announcement + itemDone(writer, this.#index, this.item(status));
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
