import type { Body } from './contract.ts';

/** Bodies to bytes and back. */
export interface Codec {
  encode(value: Body): Uint8Array;
  /** Throws a Fault: `peer_message_malformed`, or `peer_version_unknown` for a frame of another encoding. */
  decode(bytes: Uint8Array): Body;
}
