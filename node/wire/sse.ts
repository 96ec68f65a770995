/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): reading them as text, writing
 * them. Bytes may be cut anywhere; lines end with LF, CRLF or CR.
 */
import { StringDecoder } from 'node:string_decoder';
import { isWellFormedJson } from './json-scan.ts';

/** Bound of one event where the caller has no other: whole images travel in one event (a 10 MB picture in base64). */
export const sseEventSizeBytesMax = 16 * 1024 * 1024;

/** Receives one event: its name (undefined when none was given) and its data lines, joined by LF. */
export type OnSseEvent = (event: string | undefined, data: string) => void;

export interface SseLimits {
  /** Longest event that is held, in bytes (characters for the parser, which is never more). */
  eventSizeBytesMax: number;
  /** Makes the error that is thrown when an event is longer. */
  tooLarge: (sizeBytes: number) => Error;
}

/** Parses a stream of bytes into events. Comments, `id` and `retry` are skipped; an event without data is none. */
export class SseParser {
  readonly #limits: SseLimits;
  readonly #decoder = new StringDecoder('utf8');
  /** The unfinished last line, in pieces, so that a long line is joined once and not with every chunk. */
  #rest: string[] = [];
  #restLength = 0;
  /** The last chunk ended in CR: an LF that comes next belongs to it. */
  #endedInCr = false;
  #isFirst = true;
  #event: string | undefined;
  #data: string | undefined;

  constructor(limits: SseLimits) {
    this.#limits = limits;
  }

  /** Hands every event that these bytes complete to `onEvent`. Throws `tooLarge()` and is then of no further use. */
  push(bytes: Uint8Array, onEvent: OnSseEvent): void {
    const added = this.#withoutMark(this.#decoder.write(bytes as Buffer));
    const hasCr = this.#endedInCr || added.includes('\r');
    if (hasCr || added.includes('\n')) {
      const text = this.#takeRest(added);
      const consumed = hasCr ? this.#takeAnyLines(text, onEvent) : this.#takeLines(text, onEvent);
      this.#keepRest(consumed === 0 ? text : text.slice(consumed));
    } else this.#keepRest(added);
  }

  /** A byte order mark at the very start is no part of the first line. */
  #withoutMark(text: string): string {
    if (!this.#isFirst || text === '') return text;
    this.#isFirst = false;
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  #takeRest(added: string): string {
    if (this.#restLength === 0) return added;
    this.#rest.push(added);
    const text = this.#rest.join('');
    this.#rest = [];
    this.#restLength = 0;
    return text;
  }

  #keepRest(text: string): void {
    if (text === '') return;
    this.#rest.push(text);
    this.#restLength += text.length;
    const size = this.#restLength + (this.#data?.length ?? 0);
    if (size > this.#limits.eventSizeBytesMax) throw this.#limits.tooLarge(size);
  }

  /**
   * The stream has ended. An event that lacks its blank line counts when it is whole: when its data is well-formed
   * JSON or `[DONE]` (several servers leave out the last line feeds). Anything else is discarded, as the standard says.
   */
  end(onEvent: OnSseEvent): void {
    const last = this.#takeRest(this.#decoder.end());
    if (last !== '') this.#line(last, 0, last.length, onEvent);
    const data = this.#data;
    if (data !== undefined && isWholeData(data)) onEvent(this.#event, data);
    this.#event = undefined;
    this.#data = undefined;
  }

  /** Lines that end in LF; answers how much of the text they are. */
  #takeLines(text: string, onEvent: OnSseEvent): number {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#line(text, start, end, onEvent);
      start = end + 1;
    }
    return start;
  }

  /** The same where CR occurs. */
  #takeAnyLines(text: string, onEvent: OnSseEvent): number {
    let start = 0;
    for (let pos = 0; pos < text.length; pos++) {
      const code = text.charCodeAt(pos);
      if (code !== 0x0a && code !== 0x0d) {
        this.#endedInCr = false;
        continue;
      }
      const isSecondHalf = code === 0x0a && this.#endedInCr && start === pos;
      if (!isSecondHalf) this.#line(text, start, pos, onEvent);
      this.#endedInCr = code === 0x0d;
      start = pos + 1;
    }
    return start;
  }

  #line(text: string, start: number, end: number, onEvent: OnSseEvent): void {
    if (start === end) {
      const data = this.#data;
      const event = this.#event;
      this.#data = undefined;
      this.#event = undefined;
      if (data !== undefined) onEvent(event, data);
      return;
    }
    if (text.startsWith('data', start)) this.#dataLine(text, start + 4, end);
    else if (text.startsWith('event', start)) this.#event = valueAt(text, start + 5, end) ?? this.#event;
  }

  #dataLine(text: string, start: number, end: number): void {
    const value = valueAt(text, start, end);
    if (value === undefined) return;
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    if (this.#data.length > this.#limits.eventSizeBytesMax) throw this.#limits.tooLarge(this.#data.length);
  }
}

/** What follows the field's name: after a colon and one optional space; undefined when the name goes on. */
function valueAt(text: string, start: number, end: number): string | undefined {
  if (start === end) return '';
  if (text.charCodeAt(start) !== 0x3a) return undefined;
  const valueStart = text.charCodeAt(start + 1) === 0x20 && start + 1 < end ? start + 2 : start + 1;
  return text.slice(valueStart, end);
}

function isWholeData(data: string): boolean {
  return data === '[DONE]' || isWellFormedJson(Buffer.from(data));
}

/** One event as text. `data` is put on as many lines as it has. */
export function encodeSse(event: string | undefined, data: string): string {
  const lines = data.includes('\n') ? data.replaceAll('\n', '\ndata: ') : data;
  return event === undefined ? `data: ${lines}\n\n` : `event: ${event}\ndata: ${lines}\n\n`;
}
