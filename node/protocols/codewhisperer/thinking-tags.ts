import type { StreamEvent } from '../../conversation/contract.ts';

const opening = '<thinking>';
const closing = '</thinking>';

/** White space before an opening tag beyond this is text; models write a line end or two. */
const leadingLengthMax = 64;

/** Blanks around the line ends of a blank line beyond this make it no blank line. */
const blankLengthMax = 64;

const blankLine = /^[ \t]*\r?\n[ \t]*\r?\n/;
/**
 * A quote or a code span that begins right here. Those that begin further in front end on the same line, hence after
 * the tag, which then has no blank line behind it.
 */
const openingQuote = /(?:^|[\s(])[`"'“]$/;

/** What could still become a blank line, or be followed by nothing. */
const blankLineBegun = /^[ \t]*(?:\r?\n[ \t]*)?\r?$/;

/**
 * Cuts thinking out of a text whose beginning is `<thinking>…</thinking>`, as models write it that were asked by tags:
 *
 *   white space <thinking> ⏎? thinking </thinking> blank line, or nothing more ─► text
 *
 * Anything else at the beginning makes all of it text. A closing tag in quotes or in a code span, or with words after
 * it, is a part of the thinking: models think about the tags as well. Tags may be cut anywhere.
 */
export class ThinkingTags {
  #state: 'beginning' | 'opened' | 'thinking' | 'text' = 'beginning';
  #held = '';
  /** The last two units of the thinking that has been said. */
  #before = '';

  push(text: string, out: StreamEvent[]): void {
    if (this.#state === 'text') {
      say('text', text, out);
      return;
    }
    this.#held += text;
    if (this.#state === 'beginning') this.#begin(out);
    if (this.#state === 'opened') this.#skipLineEnd();
    if (this.#state === 'thinking') this.#think(out);
  }

  /** The text is interrupted (by a tool call, by thinking of another kind) or over: what is held is said. */
  end(out: StreamEvent[]): void {
    const held = this.#take();
    if (this.#state === 'beginning') say('text', held, out);
    else if (this.#state !== 'text') {
      const isClosed = held.startsWith(closing) && blankLineBegun.test(held.slice(closing.length));
      if (!isClosed) say('thinking', this.#state === 'opened' ? held.replace(/^\r?\n/, '') : held, out);
    }
    this.#state = 'text';
  }

  #begin(out: StreamEvent[]): void {
    const text = this.#held.trimStart();
    const isFarIn = this.#held.length - text.length > leadingLengthMax;
    if (!isFarIn && text.startsWith(opening)) {
      this.#state = 'opened';
      this.#held = text.slice(opening.length);
    } else if (isFarIn || !opening.startsWith(text)) {
      this.#state = 'text';
      say('text', this.#take(), out);
    }
  }

  /** One line end after the opening tag belongs to the tag. */
  #skipLineEnd(): void {
    if (this.#held === '' || this.#held === '\r') return;
    this.#state = 'thinking';
    this.#held = this.#held.replace(/^\r?\n/, '');
  }

  #think(out: StreamEvent[]): void {
    for (;;) {
      const at = this.#held.indexOf(closing);
      if (at < 0) {
        this.#sayThinking(this.#held.length - beginningOf(closing, this.#held), out);
        return;
      }
      this.#sayThinking(at, out);
      const verdict = this.#judge(this.#held.slice(closing.length));
      if (verdict === 'open') return;
      if (verdict !== 'no tag') {
        this.#close(closing.length + verdict, out);
        return;
      }
      this.#sayThinking(closing.length, out);
    }
  }

  /** Whether the tag at the front is one, by what stands around it: the length of the blank line after it. */
  #judge(after: string): number | 'open' | 'no tag' {
    if (openingQuote.test(this.#before)) return 'no tag';
    const blank = blankLine.exec(after)?.[0].length;
    if (blank !== undefined && blank <= blankLengthMax) return blank;
    return after.length <= blankLengthMax && blankLineBegun.test(after) ? 'open' : 'no tag';
  }

  #close(length: number, out: StreamEvent[]): void {
    this.#state = 'text';
    say('text', this.#take().slice(length), out);
  }

  /** Says this much of what is held. */
  #sayThinking(length: number, out: StreamEvent[]): void {
    const said = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    this.#before = (this.#before + said).slice(-2);
    say('thinking', said, out);
  }

  #take(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }
}

/** Length of the longest end of the text that the tag begins with. */
function beginningOf(tag: string, text: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}

function say(type: 'text' | 'thinking', text: string, out: StreamEvent[]): void {
  if (text !== '') out.push({ type, text });
}
