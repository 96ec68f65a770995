import type { Fault } from '../../../kit/fault.ts';
import type { Call } from '../call.ts';
import type { ClientSink, Relay } from './contract.ts';
import type { UsageTap } from './usage-tap.ts';

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

/** The same where the answer's form is known: its tokens are read on the way. */
export class MeteredRawPass extends RawPass {
  readonly #call: Call;
  readonly #tap: UsageTap;

  constructor(call: Call, sink: ClientSink, status: number, headers: readonly string[], tap: UsageTap) {
    super(sink, status, headers);
    this.#call = call;
    this.#tap = tap;
  }

  override data(chunk: Buffer): void {
    this.#tap.push(chunk);
    super.data(chunk);
  }

  override end(): void {
    this.#tap.end();
    this.noteUsage();
    super.end();
  }

  override noteUsage(): void {
    this.#call.usage = this.#tap.usage();
  }

  estimateOutput(): number {
    return this.#tap.estimateOutput();
  }
}
