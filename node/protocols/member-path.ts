import type { Json } from '../../kit/json.ts';
import { JsonScanner } from '../wire/json-scan.ts';
import { jsonKind } from '../wire/json-tokens.ts';
import { eachSseEvent } from '../wire/sse-splitter.ts';
import { applySplices, type Span, type Splice } from './request-scan.ts';

/** Finds one member below the root of a JSON text by its keys, from the bytes, without building values. */
export class MemberPath {
  readonly #scanners: readonly JsonScanner[];
  /** The last key as it stands in JSON: where it does not occur, the member cannot be. */
  readonly #needle: Buffer;

  constructor(...keys: readonly string[]) {
    this.#scanners = keys.map((key) => new JsonScanner([key]));
    this.#needle = Buffer.from(JSON.stringify(keys.at(-1)));
  }

  /** Span of the member's value; undefined when it is absent or the bytes are not JSON. */
  find(bytes: Buffer, start = 0, end = bytes.length): Span | undefined {
    let span: Span = { start, end };
    for (const scanner of this.#scanners) {
      if (!scanner.scan(bytes, span.start, span.end) || scanner.kind(0) === jsonKind.absent) return undefined;
      span = { start: scanner.start(0), end: scanner.end(0) };
    }
    return span;
  }

  /** The member's value, parsed; undefined when it is absent. */
  read(bytes: Buffer): Json | undefined {
    const span = this.find(bytes);
    return span === undefined ? undefined : (JSON.parse(bytes.toString('utf8', span.start, span.end)) as Json);
  }

  /** The JSON text with the member's string replaced where it begins with `from`; the same buffer when there is nothing to do. */
  rename(bytes: Buffer, from: string, to: string): Buffer {
    const splice = this.#renameIn(bytes, 0, bytes.length, from, to);
    return splice === undefined ? bytes : applySplices(bytes, [splice]);
  }

  /** The same for the data of every event; `bytes` are whole server-sent events. */
  renameInEvents(bytes: Buffer, from: string, to: string): Buffer {
    if (!bytes.includes(this.#needle)) return bytes;
    const splices: Splice[] = [];
    eachSseEvent(bytes, (start, end) => {
      const open = bytes.indexOf(0x7b, start);
      const close = bytes.lastIndexOf(0x7d, end - 1) + 1;
      const isHere = open !== -1 && open < close && close > start;
      const splice = isHere ? this.#renameIn(bytes, open, close, from, to) : undefined;
      if (splice !== undefined) splices.push(splice);
      return true;
    });
    return applySplices(bytes, splices);
  }

  #renameIn(bytes: Buffer, start: number, end: number, from: string, to: string): Splice | undefined {
    const span = this.find(bytes, start, end);
    // Without its closing quote the old name also fits the dated version that many upstreams answer with.
    const old = JSON.stringify(from).slice(0, -1);
    if (span === undefined || !bytes.toString('utf8', span.start, span.end).startsWith(old)) return undefined;
    return { start: span.start, end: span.end, text: JSON.stringify(to) };
  }
}
