import { isJsonObject, type Json, type JsonObject, parseJson } from '../../../kit/json.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import { eventTooLarge } from '../../protocols/sse-relay.ts';
import { sseEventSizeBytesMax, SseParser } from '../../wire/sse.ts';
import type { Unwrapper } from '../contract.ts';

/** The response inside Code Assist's envelope; anything else (an error, a token count) as it is. */
export function unwrapped(value: JsonObject): JsonObject {
  return isJsonObject(value['response']) ? value['response'] : value;
}

/** Takes the envelope off each event of a stream. The first may hold no response yet: it is left out. */
export class StreamUnwrapper implements Unwrapper {
  readonly #parser = new SseParser({ eventSizeBytesMax: sseEventSizeBytesMax, tooLarge: eventTooLarge });

  push(bytes: Buffer): Buffer | undefined {
    return this.#collect((onEvent) => this.#parser.push(bytes, onEvent));
  }

  end(): Buffer | undefined {
    return this.#collect((onEvent) => this.#parser.end(onEvent));
  }

  #collect(read: (onEvent: (event: string | undefined, data: string) => void) => void): Buffer | undefined {
    let text = '';
    read((_, data) => (text += eventOf(data)));
    return text === '' ? undefined : Buffer.from(text);
  }
}

function eventOf(data: string): string {
  const value = parsed(data);
  const first = Array.isArray(value) ? value[0] : value;
  if (!isJsonObject(first)) return `data: ${data}\n\n`;
  const isError = first['error'] !== undefined;
  if (!isError && !isJsonObject(first['response'])) return '';
  return `data: ${JSON.stringify(unwrapped(first))}\n\n`;
}

/** Takes the envelope off a whole answer, once it is whole. */
export class WholeUnwrapper implements Unwrapper {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  push(bytes: Buffer): undefined {
    this.#bytes += bytes.length;
    if (this.#bytes > sseEventSizeBytesMax) throw eventTooLarge(this.#bytes);
    this.#chunks.push(bytes);
  }

  end(): Buffer | undefined {
    const body = Buffer.concat(this.#chunks);
    const value = parsed(body.toString());
    return isJsonObject(value) ? Buffer.from(JSON.stringify(unwrapped(value))) : body;
  }
}

function parsed(text: string): Json {
  const value = parseJson(text);
  if (value === undefined) throw protocolFaults.upstream_bad_answer("the upstream's answer is not JSON");
  return value;
}
