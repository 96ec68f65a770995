import type { Fault } from '../../../kit/fault.ts';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../../kit/json.ts';
import type { RelayOptions, RelayPhase, StreamRelay, Usage } from '../contract.ts';
import { renameModel } from '../rename-model.ts';
import { type RelayEvent, type RelayNotes, type RelayReader, SseRelay } from '../sse-relay.ts';
import { firstChoice, isError, text } from './decode-answer.ts';
import { failureOf, isFailureReason } from './finish-reason.ts';
import { faultOfErrorObject } from './read-fault.ts';
import { decodeUsage } from './usage.ts';

const done = Buffer.from('data: [DONE]\n\n');

/**
 * Watches a chunk stream go by. An upstream that closes after its finish reason without `[DONE]` has answered in full;
 * the sentinel is then added, since clients wait for it.
 */
export class OpenaiChatRelay implements StreamRelay {
  readonly #reader: ChunkReader;
  readonly #relay: SseRelay;
  #isClosed = false;

  constructor(options: RelayOptions) {
    this.#reader = new ChunkReader(options.renameModel?.to);
    this.#relay = new SseRelay(this.#reader, options);
  }

  get phase(): RelayPhase {
    return this.#relay.phase;
  }

  get fault(): Fault | undefined {
    return this.#relay.fault;
  }

  get usage(): Usage {
    return this.#relay.usage;
  }

  push(bytes: Buffer): Buffer | undefined {
    return this.#relay.push(bytes);
  }

  end(): Buffer | undefined {
    const rest = this.#relay.end();
    if (this.#isClosed || this.phase !== 'finished' || this.#reader.sawDone) return rest;
    this.#isClosed = true;
    return rest === undefined ? done : Buffer.concat([rest, done]);
  }
}

/** Some vendors tell a failure by the finish reason alone; a blank may stand in front of it. */
const needles = ['[DONE]', '"error"', '_tokens"', '"finish_reason":"', '"finish_reason": "'].map((needle) =>
  Buffer.from(needle),
);

/** Pieces kept for a look back at the end: the finish chunk, and usage and comments that may follow it. */
const piecesKept = 4;

class ChunkReader implements RelayReader {
  /** Counts are looked for by their keys: `"usage": null` stands in every chunk of a stream that will count. */
  readonly needles = needles;
  sawDone = false;
  #sawFinish = false;
  #sawChunk = false;
  readonly #name: string | undefined;
  readonly #last: Buffer[] = [];
  #pieces = 0;

  constructor(name: string | undefined) {
    this.#name = name;
  }

  read(event: string | undefined, data: string, notes: RelayNotes): RelayEvent {
    if (data.trim() === '[DONE]') {
      this.sawDone = true;
      return this.#sawChunk ? 'terminal' : fail({ message: 'the upstream ended its stream without an answer' }, notes);
    }
    const chunk = parseChunk(data);
    if (chunk === undefined) return 'before';
    this.#sawChunk = true;
    const error = chunk['error'] ?? (event === 'error' ? chunk : undefined);
    if (isError(error)) return fail(error, notes);
    return this.#readChunk(chunk, notes);
  }

  /** Every chunk has the name; whatever it is, since deployments answer with the name of what runs there. */
  edit(bytes: Buffer): Buffer {
    this.#last[this.#pieces++ % piecesKept] = bytes;
    return this.#name === undefined ? bytes : renameModel(bytes, '', this.#name);
  }

  /**
   * Asked only where a stream ended without `[DONE]`, so the finish reason is looked for then: to look in every chunk
   * would cost all streams for the sake of a few.
   */
  isComplete(): boolean {
    return this.#sawFinish || this.#last.some((bytes) => holdsFinish(bytes));
  }

  #readChunk(chunk: JsonObject, notes: RelayNotes): RelayEvent {
    const choice = firstChoice(chunk);
    const usage = decodeUsage(chunk['usage'] ?? choice?.['usage']);
    if (usage !== undefined) notes.usage = usage;
    if (choice === undefined) return usage === undefined ? 'before' : 'usage';
    const word = text(choice['finish_reason']);
    if (isFailureReason(word)) return fail(failureOf(choice, word), notes);
    if (word !== '') this.#sawFinish = true;
    return word !== '' || saysAnything(choice['delta']) ? 'content' : 'before';
  }
}

/** Inside JSON strings the key's quotes are escaped, so that text of the answer is never taken for it. */
function holdsFinish(events: Buffer): boolean {
  return /"finish_reason"\s*:\s*"[^"]/.test(events.toString('latin1'));
}

function fail(error: Json, notes: RelayNotes): 'error' {
  notes.fault = faultOfErrorObject(error);
  return 'error';
}

/** Members of a delta without which it only opens the message: `{role, content: ""}`. */
const sayingMembers = ['content', 'tool_calls', 'function_call', 'refusal', 'images', 'audio'];
const reasoningMembers = ['reasoning_content', 'reasoning', 'reasoning_details'];

function saysAnything(delta: Json | undefined): boolean {
  if (!isJsonObject(delta)) return false;
  return [...sayingMembers, ...reasoningMembers].some((member) => isFilled(delta[member]));
}

function isFilled(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return false;
  return !Array.isArray(value) || value.length > 0;
}

/** What is not a chunk goes by unread; it is the client's to judge. */
function parseChunk(data: string): JsonObject | undefined {
  const parsed = parseJson(data);
  const chunk = Array.isArray(parsed) ? parsed[0] : parsed;
  return isJsonObject(chunk) ? chunk : undefined;
}
