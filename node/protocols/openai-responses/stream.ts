import type { Fault } from '../../../kit/fault.ts';
import type { FinishReason, StreamEvent, Usage } from '../../conversation/contract.ts';
import { mergeUsage } from '../../conversation/fold.ts';
import type { AnswerContext, StreamEncoder } from '../contract.ts';
import { CallItem } from './call-item.ts';
import { errorEvent, streamError } from './errors.ts';
import { EventWriter } from './event-writer.ts';
import { MessageItem } from './message-item.ts';
import { callFacts, imageItem, type ItemStatus, reasoningItem } from './output-items.ts';
import { sealCall, sealRedacted, sealThinking } from './reasoning.ts';
import { ReasoningItem } from './reasoning-item.ts';
import { idStem, type ResponseState, type ResponseStatus, responseObject, statusOf } from './response-object.ts';
import { type StreamItem, WholeItem } from './stream-item.ts';
import { encodeUsage } from './usage.ts';

/**
 * Writes a Responses stream. The whole answer is held as it grows, since the last event repeats it; the model's own
 * output bound is the bound of that.
 */
export class ResponsesEncoder implements StreamEncoder {
  readonly #context: AnswerContext;
  readonly #writer = new EventWriter();
  readonly #closed: StreamItem[] = [];
  #statusOfLast: ItemStatus = 'completed';
  #open: StreamItem | undefined;
  #stem: string;
  #usage: Usage = {};
  #finish: FinishReason | undefined;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#stem = idStem('', context.requestId);
  }

  push(event: StreamEvent): string {
    switch (event.type) {
      case 'start':
        return this.#start(event.id, event.usage);
      case 'text':
        return this.#text(event.text);
      case 'thinking':
        return this.#thinking(event.text);
      case 'thinking_signature':
        return this.#seal(event.signature);
      case 'redacted_thinking':
        return this.#whole('rs', (id) => reasoningItem(id, undefined, sealRedacted(event.data)));
      case 'image':
        return this.#whole('ig', (id) => imageItem(id, event.data));
      default:
        return this.#pushCallOrEnd(event);
    }
  }

  #pushCallOrEnd(event: StreamEvent): string {
    switch (event.type) {
      case 'tool_start':
        return this.#call(event);
      case 'tool_arguments':
        return this.#open instanceof CallItem ? this.#open.delta(this.#writer, event.json) : '';
      case 'tool_end':
        return this.#close('completed');
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage);
        return '';
      case 'finish':
        this.#finish = event.reason;
        return this.#close(statusOf(event.reason));
      case 'fault':
        return this.#fail(event.fault);
      default:
        return '';
    }
  }

  end(): string {
    if (this.#finish === undefined) return '';
    const status = statusOf(this.#finish);
    return this.#lifecycle(`response.${status}`, this.#state(status));
  }

  #start(id: string, usage: Usage | undefined): string {
    this.#stem = idStem(id, this.#context.requestId);
    if (usage !== undefined) this.#usage = { ...usage };
    const state = this.#state('in_progress');
    return this.#lifecycle('response.created', state) + this.#lifecycle('response.in_progress', state);
  }

  #lifecycle(type: string, state: ResponseState): string {
    return this.#writer.event(type, { response: responseObject(state, this.#context) });
  }

  #state(status: ResponseStatus): ResponseState {
    const isOver = status !== 'in_progress';
    const state: ResponseState = {
      id: `resp_${this.#stem}`,
      status,
      output: this.#output(),
      usage: isOver ? encodeUsage(this.#usage, this.#context.estimatedInputTokens) : null,
    };
    if (this.#finish !== undefined) state.finish = this.#finish;
    return state;
  }

  #output(): ResponseState['output'] {
    const last = this.#closed.length - 1;
    const items = this.#closed.map((item, index) => item.item(index === last ? this.#statusOfLast : 'completed'));
    if (this.#open !== undefined) items.push(this.#open.item('incomplete'));
    return items;
  }

  #text(text: string): string {
    if (text === '') return '';
    if (this.#open instanceof MessageItem) return this.#open.delta(this.#writer, text);
    const index = this.#nextIndex();
    const item = new MessageItem(`msg_${this.#stem}_${index}`, index);
    return this.#begin(item) + item.delta(this.#writer, text);
  }

  #thinking(text: string): string {
    if (text === '') return '';
    const open = this.#open;
    if (open instanceof ReasoningItem && !open.isSealed) return open.delta(this.#writer, text);
    const item = this.#newReasoning();
    return this.#begin(item) + item.delta(this.#writer, text);
  }

  #seal(signature: string): string {
    const sealed = sealThinking(signature);
    if (sealed === undefined) return '';
    const open = this.#open;
    const isNew = !(open instanceof ReasoningItem) || open.isSealed;
    const item = isNew ? this.#newReasoning() : open;
    const text = isNew ? this.#begin(item) : '';
    item.seal(sealed);
    return text;
  }

  #newReasoning(): ReasoningItem {
    const index = this.#nextIndex();
    return new ReasoningItem(`rs_${this.#stem}_${index}`, index);
  }

  #whole(prefix: string, make: (id: string) => ReturnType<typeof reasoningItem>): string {
    const index = this.#nextIndex();
    const text = this.#begin(new WholeItem(index, make(`${prefix}_${this.#stem}_${index}`)));
    return text + this.#close('completed');
  }

  /** A signature of the call itself goes before it in an item of its own: clients send such items back. */
  #call(event: { id: string; name: string; signature?: string }): string {
    const { signature } = event;
    const carrier =
      signature === undefined ? '' : this.#whole('rs', (id) => reasoningItem(id, undefined, sealCall(signature)));
    const index = this.#nextIndex();
    const facts = callFacts(event, this.#stem, index, this.#context.toolKinds);
    return carrier + this.#begin(new CallItem(facts, index));
  }

  /** Position that the next item will have, once what is open has been closed. */
  #nextIndex(): number {
    return this.#closed.length + (this.#open === undefined ? 0 : 1);
  }

  #begin(item: StreamItem): string {
    const closing = this.#close('completed');
    this.#open = item;
    return closing + item.open(this.#writer);
  }

  #close(status: ItemStatus): string {
    const open = this.#open;
    if (open === undefined) return '';
    const text = open.close(this.#writer, status);
    this.#closed.push(open);
    this.#statusOfLast = status;
    this.#open = undefined;
    return text;
  }

  /** `error` for SDKs, which throw on it; `response.failed` for Codex, which reads nothing else. */
  #fail(fault: Fault): string {
    this.#finish = undefined;
    const error = streamError(fault);
    const state: ResponseState = { ...this.#state('failed'), error };
    return errorEvent(this.#writer, error) + this.#lifecycle('response.failed', state);
  }
}
