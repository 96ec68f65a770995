import { isFault } from '../../../kit/fault.ts';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../../kit/json.ts';
import type { Answer, StreamEvent } from '../../conversation/contract.ts';
import { fold } from '../../conversation/fold.ts';
import { sseEventSizeBytesMax, SseParser } from '../../wire/sse.ts';
import type { StreamDecoder } from '../contract.ts';
import { protocolFaults } from '../faults.ts';
import { eventTooLarge } from '../sse-relay.ts';
import { type DecodeOptions, ResponseReader } from './decode-response.ts';
import { faultOfError } from './read-fault.ts';

/** How the response is found in an event or a body: as it is, or inside Code Assist's envelope. */
export type Unwrap = (value: JsonObject) => JsonObject;

const asItIs: Unwrap = (value) => value;

/** Reads a stream of responses (`alt=sse`). It has no terminal event: a finish reason before its end makes it whole. */
export class GeminiStreamDecoder implements StreamDecoder {
  readonly #parser = new SseParser({ eventSizeBytesMax: sseEventSizeBytesMax, tooLarge: eventTooLarge });
  readonly #reader: ResponseReader;
  readonly #unwrap: Unwrap;
  #hasEnded = false;

  constructor(options: DecodeOptions, unwrap: Unwrap = asItIs) {
    this.#reader = new ResponseReader(options);
    this.#unwrap = unwrap;
  }

  push(bytes: Uint8Array, out: StreamEvent[]): void {
    this.#guard(out, () => this.#parser.push(bytes, (_, data) => this.#event(data, out)));
  }

  end(out: StreamEvent[]): void {
    this.#guard(out, () => {
      this.#parser.end((_, data) => this.#event(data, out));
      if (!this.#reader.isComplete) {
        throw protocolFaults.upstream_truncated('the upstream closed its stream before a finish reason');
      }
      this.#reader.end(out);
    });
    this.#hasEnded = true;
  }

  /** A Fault on the way becomes the last event. */
  #guard(out: StreamEvent[], read: () => void): void {
    if (this.#hasEnded) return;
    try {
      read();
    } catch (error) {
      if (!isFault(error)) throw error;
      this.#hasEnded = true;
      out.push({ type: 'fault', fault: error });
    }
  }

  #event(data: string, out: StreamEvent[]): void {
    if (this.#hasEnded || data.trim() === '[DONE]') return;
    this.#reader.read(responseIn(data, this.#unwrap), out);
  }
}

/** A whole answer: one response, or the list of them that a stream without `alt=sse` is. */
export function decodeAnswer(body: Json, options: DecodeOptions, unwrap: Unwrap = asItIs): Answer {
  const reader = new ResponseReader(options);
  const events: StreamEvent[] = [];
  for (const each of Array.isArray(body) ? body : [body]) reader.read(opened(each, unwrap), events);
  if (!reader.isComplete) throw protocolFaults.upstream_bad_answer("the upstream's answer has no finish reason");
  reader.end(events);
  return fold(events);
}

function responseIn(data: string, unwrap: Unwrap): JsonObject {
  const value = parseJson(data);
  if (value === undefined) throw protocolFaults.upstream_bad_answer("an event of the upstream's stream is not JSON");
  // Errors come in a list on some hosts.
  return opened(Array.isArray(value) ? value[0] : value, unwrap);
}

function opened(value: Json | undefined, unwrap: Unwrap): JsonObject {
  if (!isJsonObject(value)) throw protocolFaults.upstream_bad_answer("the upstream's answer is not a JSON object");
  if (value['error'] !== undefined && value['error'] !== null) throw faultOfError(value);
  return unwrap(value);
}
