import type { Fault } from '../../../kit/fault.ts';
import type { ClientSink, Relay } from './contract.ts';

/** The transparent route: status, headers and bytes as the upstream sent them. */
export class RawPass implements Relay {
  readonly keepAlive = '';
  isComplete = false;
  readonly #sink: ClientSink;

  constructor(sink: ClientSink, status: number, headers: readonly string[]) {
    this.#sink = sink;
    sink.commitRaw(status, headers);
  }

  data(chunk: Buffer): void {
    this.#sink.write(chunk);
  }

  end(): void {
    this.isComplete = true;
    this.#sink.endStream('');
  }

  noteUsage(): void {}

  commitEarly(): void {}

  /** The bytes are not ours to complete: the connection breaks, as it did at the upstream. */
  failureText(_fault: Fault): string {
    return '';
  }
}
