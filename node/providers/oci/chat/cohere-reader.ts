import { isJsonObject, type JsonObject } from '../../../../kit/json.ts';
import type { StreamEvent } from '../../../conversation/contract.ts';
import { protocolFaults } from '../../../protocols/faults.ts';
import { normaliseArguments } from '../../../protocols/openai-chat/tool-arguments.ts';
import { callKey } from './call-key.ts';
import type { ContentReader } from './contract.ts';
import type { DerivedCallIds } from './derived-call-ids.ts';

/** Calls in one answer; as many as the other formats' reader takes. */
const callsMax = 128;

/**
 * Reads `text` and `toolCalls` of Cohere's first format. The event with the finish reason repeats the whole answer: of
 * it only what has not come before counts. A whole answer is such an event with nothing before it.
 */
export class CohereReader implements ContentReader {
  readonly #toolNames: ReadonlyMap<string, string>;
  readonly #ids: DerivedCallIds;
  #sawText = false;
  #calls = 0;
  /** How often each call has come. */
  readonly #seen = new Map<string, number>();

  constructor(toolNames: ReadonlyMap<string, string>, ids: DerivedCallIds) {
    this.#toolNames = toolNames;
    this.#ids = ids;
  }

  get saw(): { toolCall: boolean; refusal: boolean; content: boolean } {
    const toolCall = this.#calls > 0;
    return { toolCall, refusal: false, content: this.#sawText || toolCall };
  }

  read(event: JsonObject, out: StreamEvent[]): void {
    const repeats = typeof event['finishReason'] === 'string' && event['finishReason'] !== '';
    const { text, toolCalls } = event;
    if (typeof text === 'string' && text !== '' && !(repeats && this.#sawText)) {
      this.#sawText = true;
      out.push({ type: 'text', text });
    }
    if (!Array.isArray(toolCalls)) return;
    const before = new Map(this.#seen);
    for (const call of toolCalls) if (isJsonObject(call)) this.#readCall(call, repeats ? before : undefined, out);
  }

  end(): void {
    // Calls come whole: nothing is held.
  }

  #readCall(call: JsonObject, before: Map<string, number> | undefined, out: StreamEvent[]): void {
    const wireName = typeof call['name'] === 'string' ? call['name'] : '';
    if (wireName === '') return;
    const json = normaliseArguments(call['parameters']);
    const key = callKey(wireName, json);
    const known = before?.get(key) ?? 0;
    if (known > 0) {
      before?.set(key, known - 1);
      return;
    }
    this.#seen.set(key, (this.#seen.get(key) ?? 0) + 1);
    this.#say(this.#toolNames.get(wireName) ?? wireName, json, out);
  }

  #say(name: string, json: string, out: StreamEvent[]): void {
    if (++this.#calls > callsMax) {
      throw protocolFaults.upstream_bad_answer(`the upstream's answer holds more than ${callsMax} tool calls`);
    }
    out.push({ type: 'tool_start', id: this.#ids.next(name, json), name });
    out.push({ type: 'tool_arguments', json }, { type: 'tool_end' });
  }
}
