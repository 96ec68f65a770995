/**
 * Streamed answers carry, in the text of each event, `~` and the six digits of their stream's number. The load side
 * finds them in what the target gives the client, whatever protocol the target turned the event into, counts them, and
 * lets the upstream send the next event of that stream.
 */
export const markerByte = 0x7e;
export const markerDigits = 6;
/** Stream numbers go round; far more than there are streams at once. */
export const streamNumberMax = 10 ** markerDigits;

/** Finds markers in bytes that come in pieces cut anywhere. */
export class MarkerScanner {
  readonly #found: (stream: number) => void;
  #digitsLeft = 0;
  #number = 0;

  constructor(found: (stream: number) => void) {
    this.#found = found;
  }

  scan(buffer: Buffer, start: number, end: number): void {
    let position = start;
    while (position < end) {
      if (this.#digitsLeft === 0) {
        position = buffer.indexOf(markerByte, position);
        if (position < 0 || position >= end) return;
        position++;
        this.#digitsLeft = markerDigits;
        this.#number = 0;
        continue;
      }
      this.#number = this.#number * 10 + ((buffer[position] as number) - 0x30);
      position++;
      if (--this.#digitsLeft === 0) this.#found(this.#number);
    }
  }
}
