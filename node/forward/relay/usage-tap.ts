import type { Usage } from '../../conversation/contract.ts';
import type { ClientProtocol, StreamRelay } from '../../protocols/contract.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import { bytesPerToken, RelayedBytes } from './relayed-tokens.ts';
import { UsageInTail } from './usage-in-tail.ts';

/** Reads the tokens of an answer that goes by untouched. */
export interface UsageTap {
  push(chunk: Buffer): void;
  /** At the clean end. */
  end(): void;
  usage(): Usage;
  /** Tokens of what went by, by an estimate. */
  estimateOutput(): number;
}

/** The tap for an answer of this protocol; undefined for one that cannot be read: compressed, or neither JSON nor events. */
export function openTap(
  protocol: ClientProtocol,
  headers: WireHeaders,
  eventSizeBytesMax: number,
): UsageTap | undefined {
  const { 'content-type': type, 'content-encoding': encoding } = headers;
  if (typeof type !== 'string' || (encoding !== undefined && encoding !== 'identity')) return undefined;
  if (type.startsWith('text/event-stream')) {
    return new EventTap(protocol.openRelay({ hideUsage: false, eventSizeBytesMax }));
  }
  return type.startsWith('application/json') ? new WholeTap(protocol) : undefined;
}

/** Of a stream of events: what the protocol's own relay would hand on is not needed. */
class EventTap implements UsageTap {
  readonly #relay: StreamRelay;
  readonly #relayed = new RelayedBytes();

  constructor(relay: StreamRelay) {
    this.#relay = relay;
  }

  push(chunk: Buffer): void {
    const events = this.#relay.push(chunk);
    if (events !== undefined) this.#relayed.add(events);
  }

  end(): void {
    this.#relay.end();
  }

  usage(): Usage {
    return this.#relay.usage;
  }

  estimateOutput(): number {
    return this.#relayed.tokens();
  }
}

/** Of a whole answer, or of Gemini's array of chunks. */
class WholeTap implements UsageTap {
  readonly #tail: UsageInTail;
  #bytes = 0;

  constructor(protocol: ClientProtocol) {
    this.#tail = new UsageInTail(protocol);
  }

  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#tail.push(chunk);
  }

  end(): void {}

  usage(): Usage {
    return this.#tail.usage();
  }

  estimateOutput(): number {
    return Math.ceil(this.#bytes / bytesPerToken);
  }
}
