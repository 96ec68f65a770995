/** A line longer than this is handed on in pieces: a log must not eat the memory. */
const heldCharactersMax = 65_536;

/** Puts the name of a node into each line that it writes: a field of JSON lines, a mark before others. */
export class TaggedLines {
  readonly #name: string;
  readonly #write: (text: string) => void;
  #held = '';
  /** Off while a node starts: its complaints about settings stand for all of them. */
  isTagging = false;

  constructor(name: string, write: (text: string) => void) {
    this.#name = name;
    this.#write = write;
  }

  add(text: string): void {
    const lines = (this.#held + text).split('\n');
    this.#held = lines.pop() ?? '';
    if (lines.length > 0) this.#write(lines.map((line) => `${this.#tagged(line)}\n`).join(''));
    if (this.#held.length > heldCharactersMax) this.end();
  }

  /** Writes what came without an end of line. */
  end(): void {
    if (this.#held === '') return;
    this.#write(`${this.#tagged(this.#held)}\n`);
    this.#held = '';
  }

  #tagged(line: string): string {
    if (line.startsWith('{"')) return `{"worker":${JSON.stringify(this.#name)},${line.slice(1)}`;
    return this.isTagging && line !== '' ? `[${this.#name}] ${line}` : line;
  }
}
