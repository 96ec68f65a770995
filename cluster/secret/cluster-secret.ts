import { hkdfSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Log } from '../../kit/log.ts';
import { Secret } from '../../kit/secret.ts';
import type { Sealer } from '../contract.ts';
import { readOrMake } from '../identity/kept-file.ts';
import type { Proof } from '../links/contract.ts';
import { AesSealer } from './aes-sealer.ts';
import { clusterSecretFaults } from './faults.ts';
import { HmacProof } from '../links/hmac-proof.ts';
import { isLoopback } from './loopback.ts';
import { secretWeakness } from './secret-strength.ts';

const fileName = 'cluster-secret';
const madeBytes = 32;
const advice = 'give cluster.secret or --cluster-secret-file; `openssl rand -hex 32` makes one';

export interface ClusterSecretOptions {
  /** As it was given; absent: made, where every address is of this machine. */
  readonly secret: Secret | undefined;
  /** Hosts, HOST:PORT or multiaddrs: where the node listens, how others reach it, its seeds. */
  readonly addresses: readonly string[];
  /** Folder that the nodes of this machine share. */
  readonly dataDir: string;
  readonly log: Log;
}

/** What every member knows, in the forms in which it is used; the secret itself is used for nothing else. */
export class ClusterSecret {
  /** What a person should know where another node's secret differs; undefined for one that was given. */
  readonly advice: string | undefined;
  readonly #secret: Secret;

  constructor(secret: Secret, advice?: string) {
    this.#secret = secret;
    this.advice = advice;
  }

  /** For the noise handshake: another secret, another prologue, no connection. */
  prologue(): Uint8Array {
    return this.#derive('noise prologue');
  }

  proof(): Proof {
    return new HmacProof(this.#derive('introduction proof'));
  }

  /** `formerKeys` open what the node sealed before it had this secret. */
  sealer(formerKeys: readonly Uint8Array[] = []): Sealer {
    return new AesSealer(this.#derive('sealer'), formerKeys);
  }

  #derive(info: string): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.#secret.reveal(), 'aiproxy-cluster/1', info, 32));
  }
}

/** Throws `cluster_secret_missing`, `cluster_secret_weak` or `cluster_secret_unusable`. */
export async function resolveClusterSecret(options: ClusterSecretOptions): Promise<ClusterSecret> {
  const { secret, addresses } = options;
  if (secret !== undefined) return given(secret);
  const outside = addresses.find((address) => !isLoopback(address));
  if (outside === undefined) return keep(options);
  throw clusterSecretFaults.cluster_secret_missing(
    `${outside} is not an address of this machine alone, so the mesh needs a secret: ${advice}`,
    { field: 'cluster.secret' },
  );
}

function given(secret: Secret): ClusterSecret {
  const weakness = secretWeakness(secret.reveal());
  if (weakness === undefined) return new ClusterSecret(secret);
  throw clusterSecretFaults.cluster_secret_weak(`cluster.secret: ${weakness}; ${advice}`, { field: 'cluster.secret' });
}

async function keep({ dataDir, log }: ClusterSecretOptions): Promise<ClusterSecret> {
  const path = join(dataDir, fileName);
  const { text, isMade } = await readOrMake(
    path,
    () => `${randomBytes(madeBytes).toString('hex')}\n`,
    (message, cause) => clusterSecretFaults.cluster_secret_unusable(message, { cause }),
  );
  const secret = text.trim();
  const weakness = secretWeakness(secret);
  if (weakness !== undefined) {
    throw clusterSecretFaults.cluster_secret_unusable(`${path}: ${weakness}; remove it to make a new one`);
  }
  const made = isMade ? 'was made and is kept' : 'is the one kept';
  log.info(`the secret of the mesh on this machine ${made} in ${path}`);
  return new ClusterSecret(
    new Secret(secret),
    `no secret was given, so this node has the one in ${path}, and nodes with separate data folders make separate ones; ` +
      'give all the same --cluster-secret-file, or a shared --data-dir',
  );
}
