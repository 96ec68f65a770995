import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Proof } from '../links/contract.ts';
import type { PeerId } from '../transport/contract.ts';

/** HMAC-SHA256 over both peer ids: it cannot be passed on to a third, nor sent back. */
export class HmacProof implements Proof {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  make(from: PeerId, to: PeerId): Uint8Array {
    // The length keeps two pairs from being the same text.
    return new Uint8Array(createHmac('sha256', this.#key).update(`${from.length}:${from}${to}`).digest());
  }

  check(from: PeerId, to: PeerId, proof: Uint8Array): boolean {
    const expected = this.make(from, to);
    return proof.length === expected.length && timingSafeEqual(proof, expected);
  }
}
