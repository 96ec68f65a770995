import { postFaults } from '../../../cluster/post/faults.ts';
import type { Codec } from '../../../cluster/post/codec.ts';
import type { Body } from '../../../cluster/post/contract.ts';

/** Values in flight; a frame older than this many others is unreadable. */
const heldMax = 1 << 17;

/**
 * Messages without their encoding, for speed: a frame holds the number of its value. Values are passed as they are, so
 * seeds that use the real encoding are run beside it.
 */
export class HandleCodec implements Codec {
  #made = 0;
  readonly #values: Body[] = [];

  encode(value: Body): Uint8Array {
    const number = this.#made++;
    this.#values[number % heldMax] = value;
    const frame = new Uint8Array(4);
    frame[0] = number;
    frame[1] = number >>> 8;
    frame[2] = number >>> 16;
    frame[3] = number >>> 24;
    return frame;
  }

  decode(bytes: Uint8Array): Body {
    const [low = 0, second = 0, third = 0, high = 0] = bytes;
    const number = (low | (second << 8) | (third << 16) | (high << 24)) >>> 0;
    if (bytes.length !== 4 || number >= this.#made || number < this.#made - heldMax) {
      throw postFaults.peer_message_malformed('The frame holds no number of a value.');
    }
    return this.#values[number % heldMax];
  }
}
