import { inspect } from 'node:util';

const shown = '[redacted]';

/**
 * A credential that cannot be printed by accident: string conversion, JSON and util.inspect all show `[redacted]`.
 * `reveal()` is called only where the value goes on the wire or to disk.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  get isEmpty(): boolean {
    return this.#value === '';
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
