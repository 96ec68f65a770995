/**
 * Streamed text arrives in pieces that may cut a character of two UTF-16 units in half; such halves are not valid in
 * JSON as strict readers (Codex, serde) see it. Holds a half back until the other one comes.
 */
export class WholeText {
  #half = '';

  /** What may be sent of the text so far; lone halves that can find no partner become U+FFFD. */
  take(text: string): string {
    const joined = this.#half === '' ? text : this.#half + text;
    const last = joined.charCodeAt(joined.length - 1);
    const isCut = last >= 0xd800 && last <= 0xdbff;
    this.#half = isCut ? joined.slice(-1) : '';
    return (isCut ? joined.slice(0, -1) : joined).toWellFormed();
  }

  /** The end of the text: a half that is still held, as U+FFFD. */
  flush(): string {
    const rest = this.#half.toWellFormed();
    this.#half = '';
    return rest;
  }
}
