import type { StreamEvent } from './contract.ts';

/** What is between the events of an upstream and the client. */
export interface StopSequenceFilter {
  /** A sequence has been hit. */
  readonly isOver: boolean;
  /** Appends to `out` what this event lets through. */
  push(event: StreamEvent, out: StreamEvent[]): void;
}

/** A filter for one answer; without sequences it lets everything through. */
export function openStopSequenceFilter(sequences: readonly string[]): StopSequenceFilter {
  return new Filter(sequences);
}

/**
 * Applies stop sequences to a streamed answer, for upstreams whose format cannot carry them. A sequence counts within
 * the text of one block: text that could begin one is held back until it is clear, or until something else comes.
 *
 *   text … ─► hit ─► the text before it, finish `stop_sequence`; of what follows only `usage` is handed on
 *
 * The sequence that ends first is the one that is hit, as a model that generates token by token would stop.
 */
class Filter implements StopSequenceFilter {
  readonly #automata: readonly StopSequence[];
  #held = '';
  #isOver = false;

  constructor(sequences: readonly string[]) {
    this.#automata = sequences.filter((sequence) => sequence !== '').map((sequence) => new StopSequence(sequence));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  push(event: StreamEvent, out: StreamEvent[]): void {
    if (event.type === 'usage') out.push(event);
    else if (this.#isOver) return;
    else if (event.type === 'text' && this.#automata.length > 0) this.#text(event.text, out);
    else {
      this.#release(out);
      out.push(event);
    }
  }

  #text(added: string, out: StreamEvent[]): void {
    const heldLength = this.#held.length;
    for (let position = 0; position < added.length; position++) {
      const hit = this.#step(added.charCodeAt(position));
      if (hit === undefined) continue;
      const shown = (this.#held + added).slice(0, heldLength + position + 1 - hit.length);
      this.#hit(shown, hit, out);
      return;
    }
    this.#keepTail(this.#held + added, out);
  }

  /** The sequence that this unit completes; the longest, where several end here. */
  #step(unit: number): string | undefined {
    let hit: string | undefined;
    for (const automaton of this.#automata) {
      if (automaton.step(unit) && automaton.text.length > (hit?.length ?? 0)) hit = automaton.text;
    }
    return hit;
  }

  #hit(shown: string, stopSequence: string, out: StreamEvent[]): void {
    this.#isOver = true;
    this.#held = '';
    if (shown !== '') out.push({ type: 'text', text: shown });
    out.push({ type: 'finish', reason: 'stop_sequence', stopSequence });
  }

  #keepTail(text: string, out: StreamEvent[]): void {
    let heldLength = 0;
    for (const { matched } of this.#automata) heldLength = Math.max(heldLength, matched);
    const shownLength = text.length - heldLength;
    this.#held = text.slice(shownLength);
    if (shownLength > 0) out.push({ type: 'text', text: text.slice(0, shownLength) });
  }

  /** No sequence reaches over what comes now. */
  #release(out: StreamEvent[]): void {
    if (this.#held !== '') out.push({ type: 'text', text: this.#held });
    this.#held = '';
    for (const automaton of this.#automata) automaton.reset();
  }
}

/** Follows a text unit by unit and knows how much of the sequence its end holds (Knuth, Morris, Pratt): never looks back. */
class StopSequence {
  readonly text: string;
  /** Units of the sequence that the text ends with. */
  matched = 0;
  /** For each length matched, the next shorter one that the same text ends with. */
  readonly #fallbacks: Int32Array;

  constructor(text: string) {
    this.text = text;
    this.#fallbacks = fallbacksOf(text);
  }

  /** True when this unit completes the sequence. */
  step(unit: number): boolean {
    while (this.matched > 0 && this.text.charCodeAt(this.matched) !== unit) {
      this.matched = this.#fallbacks[this.matched] ?? 0;
    }
    if (this.text.charCodeAt(this.matched) === unit) this.matched++;
    return this.matched === this.text.length;
  }

  reset(): void {
    this.matched = 0;
  }
}

function fallbacksOf(text: string): Int32Array {
  const fallbacks = new Int32Array(text.length + 1);
  let length = 0;
  for (let end = 1; end < text.length; end++) {
    while (length > 0 && text.charCodeAt(length) !== text.charCodeAt(end)) length = fallbacks[length] ?? 0;
    if (text.charCodeAt(length) === text.charCodeAt(end)) length++;
    fallbacks[end + 1] = length;
  }
  return fallbacks;
}
