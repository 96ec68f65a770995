import { createHmac, timingSafeEqual } from 'node:crypto';
import type { PeerId } from '../transport/contract.ts';
import type { Proof } from './contract.ts';

/** HMAC-SHA256 over both peer ids, under a key that was derived from the cluster secret for this purpose alone. */
export class HmacProof implements Proof {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  make(from: PeerId, to: PeerId): string {
    return this.#digest(from, to).toString('base64url');
  }

  check(from: PeerId, to: PeerId, proof: string): boolean {
    const given = Buffer.from(proof, 'base64url');
    const right = this.#digest(from, to);
    return given.length === right.length && timingSafeEqual(given, right);
  }

  #digest(from: PeerId, to: PeerId): Buffer {
    // The length in front keeps two pairs of ids from making one text.
    return createHmac('sha256', this.#key).update(`${from.length}:${from}${to}`).digest();
  }
}
