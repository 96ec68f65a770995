import { generateKeyPairSync } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import type { TransportLimits } from '../../../cluster/transport/contract.ts';
import { Libp2pTransport } from '../../../cluster/transport/libp2p.ts';
import { transportLimits } from '../../../cluster/transport/limits.ts';
import { systemClock } from '../../../kit/clock.ts';
import { silentLog, type Log } from '../../../kit/log.ts';
import { systemRandom } from '../../../kit/random.ts';
import type { TransportSubject } from '../../suites/transport.ts';

export const prologue = new Uint8Array(32).fill(7);

/** Seed and public key of a new Ed25519 key. */
export function freshKey(): Uint8Array {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return new Uint8Array(Buffer.concat([Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]));
}

/** Polls until the condition holds; the time limit is the test's own. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(2);
}

/** Transports over real sockets on 127.0.0.1 that share a secret. */
export class Libp2pNetwork implements TransportSubject {
  readonly #keys = new Map<string, Uint8Array>();
  readonly #transports: Libp2pTransport[] = [];
  readonly until = until;

  create(
    name: string,
    limits: TransportLimits = transportLimits,
    others: { log?: Log; prologue?: Uint8Array; secretAdvice?: string; listen?: readonly string[] } = {},
  ): Libp2pTransport {
    const key = this.#keys.get(name) ?? freshKey();
    this.#keys.set(name, key);
    const transport = new Libp2pTransport({
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      key,
      prologue,
      listen: ['/ip4/127.0.0.1/tcp/0'],
      limits,
      ...others,
    });
    this.#transports.push(transport);
    return transport;
  }

  emptyAddress(): Promise<string> {
    return new Promise((resolve) => {
      const server = createServer();
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo;
        server.close(() => resolve(`/ip4/127.0.0.1/tcp/${port}`));
      });
    });
  }

  async end(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.stop()));
  }
}
