import { isJsonObject, type Json, type JsonObject, parseJson } from '../../../kit/json.ts';
import type { StreamEvent } from '../../conversation/contract.ts';
import { DoneMarkedDecoder } from '../done-marked-decoder.ts';
import { protocolFaults } from '../faults.ts';
import { ChoiceReader } from './choice-reader.ts';
import { firstChoice, isError, text } from './decode-answer.ts';
import { decodeFinishReason, failureOf, isFailureReason } from './finish-reason.ts';
import { faultOfErrorObject } from './read-fault.ts';
import { decodeUsage } from './usage.ts';

/** Reads the chunk stream of an upstream. */
export class OpenaiChatStreamDecoder extends DoneMarkedDecoder {
  readonly #choice: ChoiceReader;

  constructor(inventId: () => string) {
    super();
    this.#choice = new ChoiceReader(inventId);
  }

  protected get hasContent(): boolean {
    return this.#choice.hasContent;
  }

  protected read(name: string | undefined, data: string, out: StreamEvent[]): void {
    const chunk = parseChunk(data);
    const error = chunk['error'] ?? (name === 'error' ? chunk : undefined);
    if (isError(error)) throw faultOfErrorObject(error);
    const choice = firstChoice(chunk);
    if (choice !== undefined && !this.hasFinished) this.#readChoice(chunk, choice, out);
    const usage = decodeUsage(chunk['usage'] ?? choice?.['usage'] ?? groqUsage(chunk));
    if (usage === undefined) return;
    this.#startWith(chunk, out);
    out.push({ type: 'usage', usage });
  }

  protected endContent(out: StreamEvent[]): void {
    this.#choice.end(out);
  }

  protected finishEvent(reason: string): StreamEvent {
    return { type: 'finish', reason: decodeFinishReason(reason, this.#choice.saw) };
  }

  #readChoice(chunk: JsonObject, choice: JsonObject, out: StreamEvent[]): void {
    const word = text(choice['finish_reason']);
    if (isFailureReason(word)) throw faultOfErrorObject(failureOf(choice, word));
    this.#startWith(chunk, out);
    // Some servers put a whole message where a delta belongs.
    const delta = choice['delta'] ?? choice['message'];
    if (isJsonObject(delta)) this.#choice.read(delta, out);
    if (word !== '') this.finish(word, out);
  }

  #startWith(chunk: JsonObject, out: StreamEvent[]): void {
    this.start(text(chunk['id']), text(chunk['model']), out);
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
