import { hash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../kit/secret.ts';
import type { CredentialSource, Principal } from './contract.ts';

/** The node's own `api_key`. Only its hash is kept; comparing takes the same time whatever was sent. */
export class NodeKey implements CredentialSource {
  readonly #principal: Principal;
  #digest: Buffer;
  #revision = 0;

  constructor(key: Secret, principal: Principal) {
    this.#principal = principal;
    this.#digest = digestOf(key);
  }

  get revision(): number {
    return this.#revision;
  }

  find(_credential: string, digest: Buffer): Principal | undefined {
    return timingSafeEqual(digest, this.#digest) ? this.#principal : undefined;
  }

  /** Takes effect with the next request; the former key is refused from then on. */
  replace(key: Secret): void {
    this.#digest = digestOf(key);
    this.#revision++;
  }
}

function digestOf(key: Secret): Buffer {
  return hash('sha256', key.reveal(), 'buffer');
}
