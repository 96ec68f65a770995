import { isFault, type Fault } from '../../../kit/fault.ts';
import { isJsonObject, type Json, type JsonObject, parseJsonObject } from '../../../kit/json.ts';
import type { StreamEvent } from '../../conversation/contract.ts';
import { importSignature } from '../../conversation/signature.ts';
import { sseEventSizeBytesMax, SseParser } from '../../wire/sse.ts';
import type { StreamDecoder } from '../contract.ts';
import { protocolFaults } from '../faults.ts';
import { eventTooLarge } from '../sse-relay.ts';
import { argumentsJsonOf, inventedCallId, stringIn } from './decode-answer.ts';
import { faultOfErrorEvent } from './errors.ts';
import { finishOf, mergeWireUsage, usageOf } from './schema.ts';

/** The block that is open; one at a time is all that the format allows. */
interface OpenBlock {
  kind: 'text' | 'thinking' | 'tool' | 'other';
  signature: string;
  /** Arguments that came with the block's start: used when no delta follows. */
  initialArguments: string;
  hasArguments: boolean;
}

/** Reads an upstream's stream of Anthropic events. */
export class AnthropicStreamDecoder implements StreamDecoder {
  readonly #parser = new SseParser({ eventSizeBytesMax: sseEventSizeBytesMax, tooLarge: eventTooLarge });
  #messageId = '';
  #hasStarted = false;
  #hasEnded = false;
  #hasCalls = false;
  #block: OpenBlock | undefined;
  #wireUsage: JsonObject = {};
  #stopReason: string | undefined;
  #stopSequence: string | undefined;

  push(bytes: Uint8Array, out: StreamEvent[]): void {
    this.#guard(out, () => this.#parser.push(bytes, (name, data) => this.#event(name, data, out)));
  }

  end(out: StreamEvent[]): void {
    this.#guard(out, () => this.#parser.end((name, data) => this.#event(name, data, out)));
    if (this.#hasEnded) return;
    // Some upstreams leave out message_stop; the stop reason says that the answer is complete.
    if (this.#stopReason !== undefined) this.#finish(out);
    else this.#fail(out, protocolFaults.upstream_truncated('the upstream closed before its answer was complete'));
  }

  /** A Fault on the way becomes the stream's last event. */
  #guard(out: StreamEvent[], read: () => void): void {
    if (this.#hasEnded) return;
    try {
      read();
    } catch (error) {
      if (!isFault(error)) throw error;
      this.#fail(out, error);
    }
  }

  #fail(out: StreamEvent[], fault: Fault): void {
    this.#hasEnded = true;
    out.push({ type: 'fault', fault });
  }

  #event(name: string | undefined, data: string, out: StreamEvent[]): void {
    if (this.#hasEnded || name === 'ping' || data === '[DONE]') return;
    const event = parse(data);
    const type = event['type'] ?? name;
    if (type === 'error') return this.#fail(out, faultOfErrorEvent(event));
    if (type === 'message_start') return this.#start(isJsonObject(event['message']) ? event['message'] : {}, out);
    if (type === 'message_stop') return this.#finish(out);
    if (type === 'message_delta') return this.#messageDelta(event, out);
    if (typeof type !== 'string' || !type.startsWith('content_block_')) return undefined;
    if (!this.#hasStarted) this.#start({}, out);
    if (type === 'content_block_start') this.#blockStart(event, out);
    else if (type === 'content_block_delta') this.#blockDelta(event['delta'], out);
    else if (type === 'content_block_stop') this.#blockStop(out);
    return undefined;
  }

  #start(message: JsonObject, out: StreamEvent[]): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#messageId = stringIn(message, 'id') ?? '';
    this.#noteUsage(message['usage']);
    const usage = usageOf(this.#wireUsage);
    out.push({ type: 'start', id: this.#messageId, model: stringIn(message, 'model') ?? '', usage });
  }

  #blockStart(event: JsonObject, out: StreamEvent[]): void {
    this.#blockStop(out);
    const block = isJsonObject(event['content_block']) ? event['content_block'] : {};
    const open: OpenBlock = { kind: 'other', signature: '', initialArguments: '{}', hasArguments: false };
    this.#block = open;
    switch (block['type']) {
      case 'text':
        open.kind = 'text';
        this.#pushText('text', stringIn(block, 'text'), out);
        return;
      case 'thinking':
        open.kind = 'thinking';
        open.signature = stringIn(block, 'signature') ?? '';
        this.#pushText('thinking', stringIn(block, 'thinking'), out);
        return;
      case 'redacted_thinking':
        out.push({ type: 'redacted_thinking', data: stringIn(block, 'data') ?? '' });
        return;
      case 'tool_use':
        this.#toolStart(block, Number(event['index'] ?? 0), open, out);
        return;
      default:
      // Tools that the upstream carries out itself: the text that follows holds what came of them.
    }
  }

  #toolStart(block: JsonObject, index: number, open: OpenBlock, out: StreamEvent[]): void {
    const name = stringIn(block, 'name');
    if (name === undefined) return;
    open.kind = 'tool';
    open.initialArguments = argumentsJsonOf(block['input']);
    this.#hasCalls = true;
    out.push({ type: 'tool_start', id: stringIn(block, 'id') ?? inventedCallId(this.#messageId, index), name });
  }

  #blockDelta(delta: Json | undefined, out: StreamEvent[]): void {
    if (!isJsonObject(delta)) return;
    switch (delta['type']) {
      case 'text_delta':
        this.#pushText('text', stringIn(delta, 'text'), out);
        return;
      case 'thinking_delta':
        this.#pushText('thinking', stringIn(delta, 'thinking'), out);
        return;
      case 'signature_delta':
        if (this.#block !== undefined) this.#block.signature += stringIn(delta, 'signature') ?? '';
        return;
      case 'input_json_delta':
        this.#pushArguments(stringIn(delta, 'partial_json'), out);
        return;
      default:
      // Citations point into documents that other formats do not number.
    }
  }

  #pushText(type: 'text' | 'thinking', text: string | undefined, out: StreamEvent[]): void {
    if (text === undefined || this.#block?.kind === 'tool') return;
    out.push({ type, text });
  }

  #pushArguments(json: string | undefined, out: StreamEvent[]): void {
    if (json === undefined || this.#block?.kind !== 'tool') return;
    this.#block.hasArguments = true;
    out.push({ type: 'tool_arguments', json });
  }

  #blockStop(out: StreamEvent[]): void {
    const block = this.#block;
    if (block === undefined) return;
    this.#block = undefined;
    if (block.kind === 'tool') {
      if (!block.hasArguments) out.push({ type: 'tool_arguments', json: block.initialArguments });
      out.push({ type: 'tool_end' });
    }
    const signature = block.kind === 'thinking' ? importSignature('anthropic', block.signature) : undefined;
    if (signature !== undefined) out.push({ type: 'thinking_signature', signature });
  }

  #messageDelta(event: JsonObject, out: StreamEvent[]): void {
    if (!this.#hasStarted) this.#start({}, out);
    const delta = isJsonObject(event['delta']) ? event['delta'] : {};
    this.#stopReason = stringIn(delta, 'stop_reason') ?? this.#stopReason;
    this.#stopSequence = stringIn(delta, 'stop_sequence') ?? this.#stopSequence;
    if (!isJsonObject(event['usage'])) return;
    this.#noteUsage(event['usage']);
    out.push({ type: 'usage', usage: usageOf(this.#wireUsage) });
  }

  #noteUsage(wire: Json | undefined): void {
    if (isJsonObject(wire)) this.#wireUsage = mergeWireUsage(this.#wireUsage, wire);
  }

  #finish(out: StreamEvent[]): void {
    if (!this.#hasStarted) this.#start({}, out);
    this.#blockStop(out);
    this.#hasEnded = true;
    const reason = finishOf(this.#stopReason, this.#hasCalls);
    out.push(
      this.#stopSequence === undefined
        ? { type: 'finish', reason }
        : { type: 'finish', reason, stopSequence: this.#stopSequence },
    );
  }
}

function parse(data: string): JsonObject {
  const value = parseJsonObject(data);
  if (value !== undefined) return value;
  throw protocolFaults.upstream_bad_answer('an event of the upstream is not a JSON object');
}
