import type { Fault } from '../../../kit/fault.ts';
import type { Unwrapper } from '../../providers/contract.ts';
import type { Relay } from './contract.ts';

/** Takes an upstream's envelope off its answer before another relay sees the bytes. */
export class Unwrapped implements Relay {
  readonly #unwrapper: Unwrapper;
  readonly #inner: Relay;

  constructor(unwrapper: Unwrapper, inner: Relay) {
    this.#unwrapper = unwrapper;
    this.#inner = inner;
  }

  get isComplete(): boolean {
    return this.#inner.isComplete;
  }

  get fault(): Fault | undefined {
    return this.#inner.fault;
  }

  get keepAlive(): string {
    return this.#inner.keepAlive;
  }

  data(chunk: Buffer): void {
    this.#pass(this.#unwrapper.push(chunk));
  }

  end(): void {
    this.#pass(this.#unwrapper.end());
    this.#inner.end();
  }

  commitEarly(): void {
    this.#inner.commitEarly();
  }

  noteUsage(): void {
    this.#inner.noteUsage();
  }

  estimateOutput(): number {
    return this.#inner.estimateOutput?.() ?? 0;
  }

  failureText(fault: Fault): string {
    return this.#inner.failureText(fault);
  }

  #pass(bytes: Buffer | undefined): void {
    if (bytes !== undefined && bytes.length > 0) this.#inner.data(bytes);
  }
}
