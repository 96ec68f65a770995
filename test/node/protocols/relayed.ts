import type { StreamRelay } from '../../../node/protocols/contract.ts';

/** What a relay hands on of a stream that comes in pieces of `sizeBytes`. */
export function relayed(relay: StreamRelay, text: string, sizeBytes: number): string {
  const bytes = Buffer.from(text);
  const out: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += sizeBytes) {
    out.push(relay.push(bytes.subarray(start, start + sizeBytes)) ?? Buffer.alloc(0));
  }
  out.push(relay.end() ?? Buffer.alloc(0));
  return Buffer.concat(out).toString();
}
