import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { StreamEvent } from '../../conversation/contract.ts';
import { protocolFaults } from '../faults.ts';
import { JsonShape } from '../openai-chat/tool-arguments.ts';

/** Calls in one answer; more than any client takes. */
const callsMax = 128;

/** Input in one answer, characters; far above any tool's. */
const inputLengthMax = 16 * 1024 * 1024;

/**
 * Tool calls out of `toolUseEvent`s: one that opens (without input, or with an empty object), pieces of JSON text, one
 * with `stop`. Text goes out as it comes; an object stands for the whole input and waits for the end of the call. Where
 * the `stop` is missing the call ends with the next one, or with text, if its input is whole.
 */
export class ToolCalls {
  readonly #names: ReadonlyMap<string, string>;
  /** Ids of the calls so far; the last one is open if any is. */
  readonly #ids = new Set<string>();
  #openId: string | undefined;
  #shape = new JsonShape();
  #hasPieces = false;
  /** The last object that came as input, as text. */
  #whole = '{}';
  #inputLength = 0;

  /** `names`: as they were sent, to what the client knows. */
  constructor(names: ReadonlyMap<string, string>) {
    this.#names = names;
  }

  get hasCalls(): boolean {
    return this.#ids.size > 0;
  }

  get isOpen(): boolean {
    return this.#openId !== undefined;
  }

  /** Characters of all input so far. */
  get inputLength(): number {
    return this.#inputLength;
  }

  /** Takes one event's payload. Throws `upstream_bad_answer` or `upstream_truncated` for what is no series of calls. */
  push(event: JsonObject, out: StreamEvent[]): void {
    const { name, toolUseId, input } = event;
    const id = typeof toolUseId === 'string' && toolUseId !== '' ? toolUseId : this.#openId;
    if (id === undefined || id !== this.#openId) {
      if (id !== undefined && this.#ids.has(id)) {
        checkIsRepetition(input);
        return;
      }
      this.interrupt(out);
      this.#open(id, name, out);
    }
    if (typeof input === 'string') this.#piece(input, out);
    else if (isJsonObject(input)) this.#object(input);
    if (event['stop'] === true) this.close(out);
  }

  /** Something else has come: the open call must be over. */
  interrupt(out: StreamEvent[]): void {
    if (this.#openId === undefined) return;
    if (this.#hasPieces && !this.#shape.isComplete) {
      throw protocolFaults.upstream_truncated('the upstream broke off the input of a tool call');
    }
    this.close(out);
  }

  /** Ends the open call as it is. */
  close(out: StreamEvent[]): void {
    if (this.#openId === undefined) return;
    if (!this.#hasPieces) out.push({ type: 'tool_arguments', json: this.#whole });
    out.push({ type: 'tool_end' });
    this.#openId = undefined;
  }

  #open(id: string | undefined, name: Json | undefined, out: StreamEvent[]): void {
    if (id === undefined || typeof name !== 'string' || name === '') {
      throw protocolFaults.upstream_bad_answer('the upstream sent input of a tool call that it had not begun');
    }
    if (this.#ids.size >= callsMax) {
      throw protocolFaults.upstream_bad_answer(`the upstream's answer holds more than ${callsMax} tool calls`);
    }
    this.#ids.add(id);
    this.#openId = id;
    this.#shape = new JsonShape();
    this.#hasPieces = false;
    this.#whole = '{}';
    out.push({ type: 'tool_start', id, name: this.#names.get(name) ?? name });
  }

  #piece(json: string, out: StreamEvent[]): void {
    if (json === '') return;
    this.#count(json.length);
    this.#hasPieces = true;
    this.#shape.push(json);
    out.push({ type: 'tool_arguments', json });
  }

  /** An object replaces what came before it, an empty one nothing. What has gone out cannot be replaced, only repeated. */
  #object(object: JsonObject): void {
    if (Object.keys(object).length === 0) return;
    if (!this.#hasPieces) {
      this.#whole = JSON.stringify(object);
      this.#count(this.#whole.length);
    } else if (!this.#shape.isComplete) {
      throw protocolFaults.upstream_bad_answer('the upstream replaced the input of a tool call half-way');
    }
  }

  #count(length: number): void {
    this.#inputLength += length;
    if (this.#inputLength > inputLengthMax) {
      throw protocolFaults.upstream_event_too_large('the tool calls of the upstream exceed what a node takes');
    }
  }
}

/** A call that has ended gets no more input; a second `stop` or opening says nothing new. */
function checkIsRepetition(input: Json | undefined): void {
  if (typeof input === 'string' && input !== '') {
    throw protocolFaults.upstream_bad_answer('the upstream sent more input for a tool call that it had ended');
  }
}
