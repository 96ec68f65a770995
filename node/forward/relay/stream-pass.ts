import type { Fault } from '../../../kit/fault.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import type { Framing, StreamRelay } from '../../protocols/contract.ts';
import type { Call } from '../call.ts';
import type { ClientSink, Relay } from './contract.ts';
import { RelayedBytes } from './relayed-tokens.ts';
import { streamContentType } from './stream-content-type.ts';

/**
 * A stream in the client's own protocol: whole events go through as the bytes they are. The head and everything
 * before the first content are held back, so that an error there can still be retried at another account.
 */
export class StreamPass implements Relay {
  /** Until the upstream has said anything only a comment: an event before its first one breaks SDKs. */
  keepAlive: string;
  readonly #call: Call;
  readonly #sink: ClientSink;
  readonly #relay: StreamRelay;
  readonly #framing: Framing;
  readonly #relayed = new RelayedBytes();
  #held: Buffer[] = [];

  /** `relay` gives bytes of that framing. */
  constructor(call: Call, sink: ClientSink, relay: StreamRelay, framing: Framing) {
    this.#call = call;
    this.#sink = sink;
    this.#relay = relay;
    this.#framing = framing;
    this.keepAlive = framing === 'sse' ? ': keepalive\n\n' : call.protocol.keepAlive.jsonArray;
  }

  get isComplete(): boolean {
    return this.#relay.phase === 'finished';
  }

  data(chunk: Buffer): void {
    const bytes = this.#relay.push(chunk);
    this.#pass(bytes);
  }

  end(): void {
    this.#pass(this.#relay.end());
    if (this.#relay.phase !== 'finished') {
      throw protocolFaults.upstream_truncated('the upstream closed the stream before its last event');
    }
    this.#commit();
    this.#call.usage = this.#relay.usage;
    this.#sink.endStream('');
  }

  noteUsage(): void {
    this.#call.usage = this.#relay.usage;
  }

  estimateOutput(): number {
    return this.#relayed.tokens();
  }

  commitEarly(): void {
    // Between the opening of an array and its first element no failure could be told.
    if (this.#framing === 'sse') this.#commit();
  }

  failureText(fault: Fault): string {
    return this.#call.protocol.encodeStreamFault(fault, this.#call.id, this.#framing);
  }

  #pass(bytes: Buffer | undefined): void {
    const phase = this.#relay.phase;
    if (phase === 'failed') {
      if (bytes !== undefined && this.#sink.isCommitted) this.#sink.write(bytes);
      throw this.#relay.fault ?? protocolFaults.upstream_error('the upstream reported an error inside its stream');
    }
    if (bytes === undefined) return;
    this.#relayed.add(bytes);
    if (this.#framing === 'sse') this.keepAlive = this.#call.protocol.keepAlive.sse;
    if (this.#sink.isCommitted) this.#sink.write(bytes);
    else if (phase === 'opening') this.#held.push(bytes);
    else {
      this.#commit();
      this.#sink.write(bytes);
    }
  }

  #commit(): void {
    if (this.#sink.isCommitted) return;
    this.#sink.commitStream(streamContentType(this.#framing));
    for (const bytes of this.#held) this.#sink.write(bytes);
    this.#held = [];
  }
}
