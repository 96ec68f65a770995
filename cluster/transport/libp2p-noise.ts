import { noise, type NoiseComponents } from '@libp2p/noise';
import type { ConnectionEncrypter, MessageStream, SecureConnectionOptions, SecuredConnection } from '@libp2p/interface';

/** Why a handshake failed, in words that survive libp2p's wrapping of errors, of which only the message remains. */
export const handshakeFailures = {
  anotherSecret: 'aiproxy: another cluster secret',
  self: 'aiproxy: dialled self',
  anotherPeer: 'aiproxy: another peer',
} as const;

/** `@libp2p/noise` gives this code to a message that does not decrypt; the class is not exported. */
const undecipherable = 'ERR_INVALID_CRYPTO_EXCHANGE';

export interface MembersOnlyOptions {
  /** Derived from the cluster secret; a handshake under another one fails before a stream exists. */
  readonly prologue: Uint8Array;
  /** A dialling peer begins the handshake. */
  onBegin(connection: MessageStream): void;
  /** A dialling peer failed at the secret. `from` is its address, where known. */
  onStranger(from: string | undefined): void;
}

/** Noise that tells the three ways of dialling the wrong one apart. */
export function membersOnly(options: MembersOnlyOptions): (components: NoiseComponents) => ConnectionEncrypter {
  const create = noise({ prologueBytes: options.prologue });
  return (components) => new MembersOnlyNoise(create(components), components.peerId.toString(), options);
}

class MembersOnlyNoise implements ConnectionEncrypter {
  readonly protocol: string;
  readonly #noise: ConnectionEncrypter;
  readonly #self: string;
  readonly #options: MembersOnlyOptions;

  constructor(inner: ConnectionEncrypter, self: string, options: MembersOnlyOptions) {
    this.protocol = inner.protocol;
    this.#noise = inner;
    this.#self = self;
    this.#options = options;
  }

  async secureOutbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    const { remotePeer: expected, ...others } = options;
    sendInOnePiece(connection);
    const secured = await this.#noise.secureOutbound(connection, others).catch((error: unknown) => {
      throw isUndecipherable(error) ? new Error(handshakeFailures.anotherSecret, { cause: error }) : error;
    });
    const answered = secured.remotePeer.toString();
    if (answered === this.#self) throw new Error(handshakeFailures.self);
    if (expected !== undefined && answered !== expected.toString()) throw new Error(handshakeFailures.anotherPeer);
    return secured;
  }

  async secureInbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    this.#options.onBegin(connection);
    sendInOnePiece(connection);
    try {
      return await this.#noise.secureInbound(connection, options);
    } catch (error) {
      // An honest dialler under another secret finds out first and breaks off; a dishonest one fails at its proof. When
      // our own time limit or stop ended it, nothing is known about the other side.
      if (options.signal?.aborted !== true) this.#options.onStranger(addressOf(connection));
      throw error;
    }
  }
}

/** Noise hands over a message and its length apart; TCP would write them apart: two system calls and two packets. */
function sendInOnePiece(connection: MessageStream): void {
  const send = connection.send.bind(connection);
  connection.send = (data) => send(data instanceof Uint8Array ? data : data.subarray());
}

function isUndecipherable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === undecipherable;
}

function addressOf(connection: MessageStream): string | undefined {
  return 'remoteAddr' in connection ? String(connection.remoteAddr) : undefined;
}
