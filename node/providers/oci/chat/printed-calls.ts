import { isJsonObject, type Json, type JsonObject } from '../../../../kit/json.ts';
import { parseKeepingDigits } from '../../../conversation/arguments.ts';
import type { StreamEvent } from '../../../conversation/contract.ts';
import { normaliseArguments } from '../../../protocols/openai-chat/tool-arguments.ts';
import type { ContentReader } from './contract.ts';

const opening = '<tool_call>';
const closing = '</tool_call>';

/** Text that is held as a possible call, characters; longer text is no call. */
const heldLengthMax = 64 * 1024;

export interface PrintedCallsOptions {
  /** Tools on offer: names as the model knows them, to the client's. Nothing else is taken for a call. */
  readonly tools: ReadonlyMap<string, string>;
  readonly inventId: () => string;
}

/**
 * Llama may print its calls as text: `<tool_call>{"name", "parameters"}</tool_call>` anywhere, or such an object as its
 * whole answer. Makes calls of them; everything else passes, text a little later where it may be the beginning of one.
 */
export class PrintedCalls implements ContentReader {
  readonly #inner: ContentReader;
  readonly #options: PrintedCallsOptions;
  #held = '';
  #saidText = false;
  #calls = 0;
  /** What came last was a printed call. */
  #isAfterCall = false;

  constructor(inner: ContentReader, options: PrintedCallsOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  get saw(): ContentReader['saw'] {
    const { toolCall, refusal, content } = this.#inner.saw;
    return { toolCall: toolCall || this.#calls > 0, refusal, content };
  }

  read(event: JsonObject, out: StreamEvent[]): void {
    const events: StreamEvent[] = [];
    this.#inner.read(event, events);
    this.#take(events, out);
  }

  end(out: StreamEvent[]): void {
    const events: StreamEvent[] = [];
    this.#inner.end(events);
    this.#take(events, out);
    const call = this.#lastCall();
    if (call === undefined) this.#flush(out);
    else this.#call(call, out);
    this.#held = '';
  }

  /** The answer may end before the mark that closes its last call. */
  #lastCall(): { name: string; json: string } | undefined {
    if (this.#held.startsWith(opening)) return this.#callIn(this.#held.slice(opening.length));
    return this.#mayBeBareCall() ? this.#callIn(this.#held) : undefined;
  }

  #take(events: readonly StreamEvent[], out: StreamEvent[]): void {
    for (const event of events) {
      if (event.type === 'text') this.#text(event.text, out);
      else {
        if (event.type === 'tool_start') this.#flush(out);
        out.push(event);
      }
    }
  }

  #text(text: string, out: StreamEvent[]): void {
    this.#held += text;
    while (this.#step(out));
    if (this.#held.length > heldLengthMax) this.#flush(out);
  }

  /** Says what can be said of the text that is held; whether there is more to do. */
  #step(out: StreamEvent[]): boolean {
    if (!this.#held.startsWith(opening)) {
      if (this.#mayBeBareCall()) return false;
      const start = this.#held.indexOf(opening);
      const said = start === -1 ? this.#held.length - beginningAtEnd(this.#held) : start;
      const text = this.#held.slice(0, said);
      if (start === -1 && this.#isAfterCall && text.trim() === '') return false;
      this.#say(text, out);
      this.#held = this.#held.slice(said);
      return start !== -1;
    }
    const end = this.#held.indexOf(closing);
    if (end === -1) return false;
    const call = this.#callIn(this.#held.slice(opening.length, end));
    const length = end + closing.length;
    if (call === undefined) this.#say(this.#held.slice(0, length), out);
    else this.#call(call, out);
    this.#held = this.#held.slice(length);
    return this.#held !== '';
  }

  /** Only an answer that begins with an object can be nothing but one. */
  #mayBeBareCall(): boolean {
    return !this.#saidText && this.#calls === 0 && /^\s*(\{|$)/.test(this.#held);
  }

  #flush(out: StreamEvent[]): void {
    this.#say(this.#held, out);
    this.#held = '';
  }

  /** White space between calls, and after the last one, says nothing. */
  #say(text: string, out: StreamEvent[]): void {
    if (text === '' || (this.#isAfterCall && text.trim() === '')) return;
    this.#saidText = true;
    this.#isAfterCall = false;
    out.push({ type: 'text', text });
  }

  #call(call: { name: string; json: string }, out: StreamEvent[]): void {
    this.#calls++;
    this.#isAfterCall = true;
    out.push({ type: 'tool_start', id: this.#options.inventId(), name: call.name });
    out.push({ type: 'tool_arguments', json: call.json }, { type: 'tool_end' });
  }

  #callIn(text: string): { name: string; json: string } | undefined {
    const value = parseKeepingDigits(text);
    if (!isJsonObject(value)) return undefined;
    const name = this.#options.tools.get(stringOf(value['name']));
    if (name === undefined) return undefined;
    return { name, json: normaliseArguments(value['parameters'] ?? value['arguments']) };
  }
}

function stringOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** How many characters at the end of the text may be the beginning of a call. */
function beginningAtEnd(text: string): number {
  for (let length = Math.min(opening.length - 1, text.length); length > 0; length--) {
    if (opening.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
