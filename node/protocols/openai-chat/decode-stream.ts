import { isFault } from '../../../kit/fault.ts';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../../kit/json.ts';
import type { StreamEvent } from '../../conversation/contract.ts';
import { SseParser, sseEventSizeBytesMax } from '../../wire/sse.ts';
import type { StreamDecoder } from '../contract.ts';
import { protocolFaults } from '../faults.ts';
import { eventTooLarge } from '../sse-relay.ts';
import { ChoiceReader } from './choice-reader.ts';
import { firstChoice, isError, text } from './decode-answer.ts';
import { decodeFinishReason, failureOf, isFailureReason } from './finish-reason.ts';
import { faultOfErrorObject } from './read-fault.ts';
import { decodeUsage } from './usage.ts';

/**
 * Reads the chunk stream of an upstream.
 *
 *   begun ─► open ─► finished ─► ended        `[DONE]` or clean EOF end a finished answer;
 *     └───────┴──────────┴────► ended         an error object or EOF before the finish is a fault
 *
 * `[DONE]` without a finish reason is the upstream's own word that the answer is whole; EOF without either is a cut.
 */
export class OpenaiChatStreamDecoder implements StreamDecoder {
  readonly #parser = new SseParser({ eventSizeBytesMax: sseEventSizeBytesMax, tooLarge: eventTooLarge });
  readonly #choice: ChoiceReader;
  #state: 'begun' | 'open' | 'finished' | 'ended' = 'begun';

  constructor(inventId: () => string) {
    this.#choice = new ChoiceReader(inventId);
  }

  push(bytes: Uint8Array, out: StreamEvent[]): void {
    this.#guard(out, () => this.#parser.push(bytes, (event, data) => this.#event(event, data, out)));
  }

  end(out: StreamEvent[]): void {
    this.#guard(out, () => {
      this.#parser.end((event, data) => this.#event(event, data, out));
      if (this.#state === 'begun' || this.#state === 'open') {
        throw protocolFaults.upstream_truncated('the upstream closed its stream before a finish reason');
      }
      this.#state = 'ended';
    });
  }

  /** Faults become the last event. */
  #guard(out: StreamEvent[], action: () => void): void {
    if (this.#state === 'ended') return;
    try {
      action();
    } catch (error) {
      if (!isFault(error)) throw error;
      if (this.#state !== 'finished') out.push({ type: 'fault', fault: error });
      this.#state = 'ended';
    }
  }

  #event(event: string | undefined, data: string, out: StreamEvent[]): void {
    if (this.#state === 'ended') return;
    if (data.trim() === '[DONE]') {
      this.#done(out);
      return;
    }
    const chunk = parseChunk(data);
    const error = chunk['error'] ?? (event === 'error' ? chunk : undefined);
    if (isError(error)) throw faultOfErrorObject(error);
    this.#chunk(chunk, out);
  }

  #chunk(chunk: JsonObject, out: StreamEvent[]): void {
    const choice = firstChoice(chunk);
    if (choice !== undefined && this.#state !== 'finished') this.#read(chunk, choice, out);
    const usage = decodeUsage(chunk['usage'] ?? choice?.['usage'] ?? groqUsage(chunk));
    if (usage === undefined) return;
    this.#start(chunk, out);
    out.push({ type: 'usage', usage });
  }

  #read(chunk: JsonObject, choice: JsonObject, out: StreamEvent[]): void {
    const word = text(choice['finish_reason']);
    if (isFailureReason(word)) throw faultOfErrorObject(failureOf(choice, word));
    this.#start(chunk, out);
    // Some servers put a whole message where a delta belongs.
    const delta = choice['delta'] ?? choice['message'];
    if (isJsonObject(delta)) this.#choice.read(delta, out);
    if (word !== '') this.#finish(word, out);
  }

  #start(chunk: JsonObject, out: StreamEvent[]): void {
    if (this.#state !== 'begun') return;
    this.#state = 'open';
    out.push({ type: 'start', id: text(chunk['id']), model: text(chunk['model']) });
  }

  #finish(word: string, out: StreamEvent[]): void {
    this.#choice.end(out);
    this.#state = 'finished';
    out.push({ type: 'finish', reason: decodeFinishReason(word, this.#choice.saw) });
  }

  #done(out: StreamEvent[]): void {
    if (this.#state !== 'finished' && !this.#choice.hasContent) {
      throw protocolFaults.upstream_truncated('the upstream ended its stream without an answer');
    }
    if (this.#state === 'open') this.#finish('', out);
    this.#state = 'ended';
  }
}

/** Google's front wraps errors into a list of one. */
function parseChunk(data: string): JsonObject {
  const parsed = parseJson(data);
  if (parsed === undefined) throw protocolFaults.upstream_bad_answer("an event of the upstream's stream is not JSON");
  const chunk = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!isJsonObject(chunk)) throw protocolFaults.upstream_bad_answer("an event of the upstream's stream is no chunk");
  return chunk;
}

function groqUsage(chunk: JsonObject): Json | undefined {
  const extra = chunk['x_groq'];
  return isJsonObject(extra) ? extra['usage'] : undefined;
}
