import { type Fault, isFault } from '../../kit/fault.ts';
import type { Usage } from '../conversation/contract.ts';
import { type SseLimits, SseParser } from '../wire/sse.ts';
import { eachSseEvent, SseSplitter } from '../wire/sse-splitter.ts';
import type { RelayOptions, RelayPhase, StreamRelay } from './contract.ts';
import { protocolFaults } from './faults.ts';

/**
 * What one event of a same-protocol stream means:
 * `before` nothing that a client must see at once (openings, pings); `content` the answer has begun; `usage` only
 * counts tokens and is left out where the relay hides usage; `terminal` the answer is complete; `error` the upstream
 * failed, its Fault is in `RelayNotes.fault`.
 */
export type RelayEvent = 'before' | 'content' | 'usage' | 'terminal' | 'error';

/** What a reader writes down while it reads events. */
export interface RelayNotes {
  usage: Usage;
  fault: Fault | undefined;
}

/** How one dialect's events are recognised. One per stream; may hold state. */
export interface RelayReader {
  /**
   * Once content has begun only events that contain one of these bytes are read, so every event that matters then
   * (terminal, error, usage) must contain one. False hits cost a parse and nothing else. Search for what cannot occur
   * inside a JSON string: `"error"` with both quotes unescaped, a raw name after `event:`.
   */
  readonly needles: readonly Buffer[];
  /** Reads one event; never throws. */
  read(event: string | undefined, data: string, notes: RelayNotes): RelayEvent;
  /** Changes whole events on their way to the client (model names). */
  edit?(bytes: Buffer, phase: RelayPhase): Buffer;
  /** Asked at clean EOF without a terminal event: whether the answer is complete all the same. */
  isComplete?(): boolean;
}

/** Error for an event that exceeds the bound. */
export function eventTooLarge(sizeBytes: number): Fault {
  return protocolFaults.upstream_event_too_large(`an event of the upstream is too large (${sizeBytes} bytes so far)`);
}

/**
 * The relay of every dialect that streams server-sent events: whole events go through as bytes; each event is read
 * while the answer has not begun, after that only those which one of the reader's needles points at.
 */
export class SseRelay implements StreamRelay {
  readonly #reader: RelayReader;
  readonly #options: RelayOptions;
  readonly #splitter: SseSplitter;
  /** Fed with whole events only, so it holds nothing between them. */
  readonly #parser: SseParser;
  readonly #notes: RelayNotes = { usage: {}, fault: undefined };
  #phase: RelayPhase = 'opening';

  constructor(reader: RelayReader, options: RelayOptions) {
    this.#reader = reader;
    this.#options = options;
    const limits: SseLimits = { eventSizeBytesMax: options.eventSizeBytesMax, tooLarge: eventTooLarge };
    this.#splitter = new SseSplitter(limits);
    this.#parser = new SseParser(limits);
  }

  get phase(): RelayPhase {
    return this.#phase;
  }

  get fault(): Fault | undefined {
    return this.#notes.fault;
  }

  get usage(): Usage {
    return this.#notes.usage;
  }

  /** See the contract. An event past the bound makes the relay fail; it never throws. Bytes after the end are dropped. */
  push(bytes: Buffer): Buffer | undefined {
    if (this.#hasEnded) return undefined;
    try {
      return this.#relay(this.#splitter.push(bytes));
    } catch (error) {
      if (!isFault(error)) throw error;
      this.#notes.fault = error;
      this.#phase = 'failed';
      return undefined;
    }
  }

  end(): Buffer | undefined {
    if (this.#hasEnded) return undefined;
    const rest = this.#relay(this.#splitter.end());
    if (!this.#hasEnded && this.#reader.isComplete?.() === true) this.#phase = 'finished';
    return rest;
  }

  get #hasEnded(): boolean {
    return this.#phase === 'finished' || this.#phase === 'failed';
  }

  #relay(events: Buffer | undefined): Buffer | undefined {
    if (events === undefined) return undefined;
    const phase = this.#phase;
    const kept = phase === 'content' && !this.#holdsNeedle(events) ? events : this.#readEach(events);
    if (kept === undefined || this.#reader.edit === undefined) return kept;
    return this.#reader.edit(kept, phase);
  }

  #holdsNeedle(events: Buffer): boolean {
    for (const needle of this.#reader.needles) if (events.indexOf(needle) !== -1) return true;
    return false;
  }

  /** Reads event by event; answers the bytes of those that are handed on. */
  #readEach(events: Buffer): Buffer | undefined {
    const kept = new KeptSpans(events);
    eachSseEvent(events, (start, end) => {
      const isKept = this.#readOne(events.subarray(start, end));
      if (isKept) kept.add(start, end);
      return !this.#hasEnded;
    });
    return kept.bytes();
  }

  /** Whether the client may see this event. */
  #readOne(bytes: Buffer): boolean {
    let meaning: RelayEvent = 'before';
    this.#parser.push(bytes, (event, data) => {
      meaning = this.#reader.read(event, data, this.#notes);
    });
    return this.#follow(meaning);
  }

  #follow(meaning: RelayEvent): boolean {
    switch (meaning) {
      case 'content':
        this.#phase = 'content';
        return true;
      case 'terminal':
        this.#phase = 'finished';
        return true;
      case 'error':
        this.#phase = 'failed';
        this.#notes.fault ??= protocolFaults.upstream_error('the upstream reported an error inside its stream');
        return false;
      case 'usage':
        return !this.#options.hideUsage;
      default:
        return true;
    }
  }
}

/** Spans of one buffer, joined as few times as possible: no copy where nothing in between is left out. */
class KeptSpans {
  readonly #bytes: Buffer;
  readonly #pieces: Buffer[] = [];
  #start = 0;
  #end = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  add(start: number, end: number): void {
    if (start !== this.#end) this.#flush(start);
    this.#end = end;
  }

  bytes(): Buffer | undefined {
    this.#flush(this.#end);
    return this.#pieces.length <= 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
  }

  #flush(nextStart: number): void {
    if (this.#end > this.#start) this.#pieces.push(this.#bytes.subarray(this.#start, this.#end));
    this.#start = nextStart;
    this.#end = nextStart;
  }
}
