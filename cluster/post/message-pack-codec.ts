import { Decoder, Encoder } from '@msgpack/msgpack';
import type { Codec } from './codec.ts';
import { postFaults } from './faults.ts';
import { checkMessagePack, messageBounds } from './message-pack-bounds.ts';

/** First byte of every frame. Another one means another encoding, of a later version perhaps. */
const encodingVersion = 1;

const encoder = new Encoder({ maxDepth: messageBounds.depthMax, ignoreUndefined: true });
const decoder = new Decoder({
  maxStrLength: messageBounds.stringBytesMax,
  maxBinLength: messageBounds.binaryBytesMax,
  maxArrayLength: messageBounds.arrayLengthMax,
  maxMapLength: messageBounds.mapLengthMax,
  maxExtLength: 0,
});

/**
 * MessagePack behind a version byte. Fields that are undefined are left out; undefined elsewhere comes back as null.
 * Bytes inside a decoded value are views of the frame: copy what is kept.
 */
export const messagePackCodec: Codec = {
  encode(value) {
    const content = encoder.encodeSharedRef(value);
    const frame = new Uint8Array(content.length + 1);
    frame[0] = encodingVersion;
    frame.set(content, 1);
    return frame;
  },

  decode(bytes) {
    if (bytes.length > 0 && bytes[0] !== encodingVersion) {
      throw postFaults.peer_version_unknown(`The frame has encoding version ${bytes[0]}, not ${encodingVersion}.`);
    }
    checkMessagePack(bytes, 1);
    try {
      return decoder.decode(bytes.subarray(1));
    } catch (error) {
      throw postFaults.peer_message_malformed('The message is no MessagePack that this version reads.', {
        cause: error,
      });
    }
  },
};
