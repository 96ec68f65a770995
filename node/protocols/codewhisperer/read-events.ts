import type { Fault } from '../../../kit/fault.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { argumentsObject } from '../../conversation/arguments.ts';
import type { FinishReason, StreamEvent, Usage } from '../../conversation/contract.ts';
import { importSignature } from '../../conversation/signature.ts';
import { protocolFaults } from '../faults.ts';
import { type Complaint, classifyErrorMessage, classifyException, payloadObject } from './classify.ts';
import type { ReadingContext } from './contract.ts';
import type { EventStreamMessage } from './event-stream.ts';
import { type AnswerEnd, finishOf, isEmptyAnswer, isOutOfRoom, readStopReason } from './finish.ts';
import { ThinkingTags } from './thinking-tags.ts';
import { ToolCalls } from './tool-calls.ts';
import { UsageReader } from './usage.ts';

/**
 * The events of one answer, from its messages. Throws the Fault that ends it.
 *
 *   first message ─► start ─► text, thinking, calls … ─► end of the body ─► usage, finish
 *
 * Events that say nothing of the answer (metadata, code references, links, follow-up prompts, credits) and unknown ones
 * are passed over. Equal pieces of text in a row stand: they may be meant.
 */
export class EventReader {
  readonly #reading: ReadingContext;
  readonly #id: string;
  readonly #makeFault: (complaint: Complaint) => Fault;
  readonly #usage: UsageReader;
  readonly #calls: ToolCalls;
  readonly #tags: ThinkingTags | undefined;
  /** What the scan for tags gave last. */
  readonly #scanned: StreamEvent[] = [];
  #hasStarted = false;
  #hasText = false;
  #hasThinking = false;
  #named: FinishReason | undefined;

  constructor(reading: ReadingContext, id: string, makeFault: (complaint: Complaint) => Fault) {
    this.#reading = reading;
    this.#id = id;
    this.#makeFault = makeFault;
    this.#usage = new UsageReader(reading);
    this.#calls = new ToolCalls(reading.toolNames);
    this.#tags = reading.readsThinkingTags ? new ThinkingTags() : undefined;
  }

  /** What the answer has cost, as far as is known. */
  get usage(): Usage {
    return this.#usage.total();
  }

  /** Takes one message. True when nothing more is to come: the service said that the answer has reached its length. */
  push({ headers, payload }: EventStreamMessage, out: StreamEvent[]): boolean {
    const type = headers.get(':message-type');
    if (type === 'exception') return this.#exception(headers.get(':exception-type'), payload);
    if (type === 'error') {
      throw this.#makeFault(classifyErrorMessage(headers.get(':error-code'), headers.get(':error-message')));
    }
    this.#start(out);
    if (type === 'event' || type === undefined) this.#event(headers.get(':event-type'), payload, out);
    return false;
  }

  /** The body has ended, maybe in the midst of a message. */
  end(isInMessage: boolean, out: StreamEvent[]): void {
    this.#endTags(out);
    const end = this.#answerEnd(isInMessage || this.#calls.isOpen);
    if (end.isCut && !isOutOfRoom(end)) {
      throw protocolFaults.upstream_truncated('the upstream closed in the midst of its answer');
    }
    this.#calls.close(out);
    if (isEmptyAnswer(end)) throw protocolFaults.upstream_bad_answer('the upstream gave an empty answer');
    out.push({ type: 'usage', usage: this.usage }, { type: 'finish', reason: finishOf(end) });
  }

  #answerEnd(isCut: boolean): AnswerEnd {
    return {
      named: this.#named,
      hasText: this.#hasText,
      hasThinking: this.#hasThinking,
      hasCalls: this.#calls.hasCalls,
      isWindowFull: this.#usage.isWindowFull,
      isCut,
    };
  }

  #start(out: StreamEvent[]): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    out.push({ type: 'start', id: this.#id, model: this.#reading.model, usage: this.#usage.early });
  }

  /** The one exception that is no failure, unless it is the prompt that has no room: then nothing has been said. */
  #exception(type: string | undefined, payload: Buffer): true {
    const hasContent = this.#hasText || this.#hasThinking || this.#calls.hasCalls;
    const isLength = hasContent && /^contentLengthExceeded/i.test(type ?? '');
    if (!isLength) throw this.#makeFault(classifyException(type, payloadObject(payload) ?? {}));
    this.#named = 'length';
    return true;
  }

  #event(type: string | undefined, payload: Buffer, out: StreamEvent[]): void {
    switch (type) {
      case 'assistantResponseEvent':
        this.#text(textOf(objectOf(payload)['content']), out);
        return;
      case 'reasoningContentEvent':
        this.#reasoning(objectOf(payload), out);
        return;
      case 'toolUseEvent':
        this.#call(toolUseOf(payload), out);
        return;
      case 'contextUsageEvent':
      case 'metadataEvent':
        this.#metadata(objectOf(payload));
        return;
      case 'invalidStateEvent':
        throw this.#makeFault(classifyException(type, objectOf(payload)));
      default:
    }
  }

  #text(text: string, out: StreamEvent[]): void {
    if (text === '') return;
    this.#usage.wrote(text);
    this.#calls.interrupt(out);
    if (this.#tags === undefined) this.#say({ type: 'text', text }, out);
    else {
      this.#tags.push(text, this.#scanned);
      this.#sayScanned(out);
    }
  }

  #reasoning(event: JsonObject, out: StreamEvent[]): void {
    const text = textOf(event['text']);
    const signature = this.#ownSignature(textOf(event['signature']));
    const data = textOf(event['redactedContent']);
    if (text === '' && signature === undefined && data === '') return;
    this.#endTags(out);
    this.#calls.interrupt(out);
    this.#usage.wrote(text);
    if (text !== '') this.#say({ type: 'thinking', text }, out);
    if (signature !== undefined) this.#say({ type: 'thinking_signature', signature }, out);
    if (data !== '') this.#say({ type: 'redacted_thinking', data }, out);
  }

  /** Claude's are Anthropic's own; what other models sign with is of use to nobody else and has no mark. */
  #ownSignature(wire: string): string | undefined {
    return /claude|^auto$/i.test(this.#reading.model) ? importSignature('anthropic', wire) : undefined;
  }

  #call(event: JsonObject, out: StreamEvent[]): void {
    this.#endTags(out);
    const begin = out.length;
    this.#calls.push(event, out);
    for (let at = begin; at < out.length; at++) {
      const said = out[at]!;
      if (said.type === 'tool_arguments') this.#usage.wrote(said.json);
      else if (said.type === 'tool_start') this.#usage.wrote(said.name);
    }
  }

  #metadata(event: JsonObject): void {
    this.#usage.take(event);
    this.#named = readStopReason(event['stopReason']) ?? this.#named;
  }

  #endTags(out: StreamEvent[]): void {
    this.#tags?.end(this.#scanned);
    this.#sayScanned(out);
  }

  #sayScanned(out: StreamEvent[]): void {
    for (const event of this.#scanned) this.#say(event, out);
    this.#scanned.length = 0;
  }

  #say(event: StreamEvent, out: StreamEvent[]): void {
    if (event.type === 'text') this.#hasText = true;
    else this.#hasThinking = true;
    out.push(event);
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function objectOf(payload: Buffer): JsonObject {
  const object = payloadObject(payload);
  if (object === undefined) throw protocolFaults.upstream_bad_answer("an event of the upstream's stream is not JSON");
  return object;
}

/** Input that comes as an object is read again with all the digits of its numbers. */
function toolUseOf(payload: Buffer): JsonObject {
  const event = objectOf(payload);
  return isJsonObject(event['input']) ? argumentsObject(payload.toString()) : event;
}
