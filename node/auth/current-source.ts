import type { CredentialSource, Principal } from './contract.ts';
import { isApiKey } from './new-credential.ts';
import type { RecordsAtStart } from './records-at-start.ts';

/** A source over records: right after the node's start nothing is known, and who asks is told to wait for them. */
export class CurrentSource implements CredentialSource {
  readonly #source: CredentialSource;
  readonly #records: RecordsAtStart;

  constructor(source: CredentialSource, records: RecordsAtStart) {
    this.#source = source;
    this.#records = records;
  }

  get revision(): number {
    return this.#source.revision;
  }

  find(credential: string, digest: Buffer): Principal | undefined {
    return this.#records.isThere ? this.#source.find(credential, digest) : undefined;
  }

  learn(credential: string): Promise<void> | undefined {
    if (this.#records.isThere) return this.#source.learn?.(credential);
    return mayBeOurs(credential) ? this.#learnLater(credential) : undefined;
  }

  async #learnLater(credential: string): Promise<void> {
    await this.#records.whenThere();
    await this.#source.learn?.(credential);
  }
}

/** An API key, or a signed token: their headers are JSON objects in base64url. */
function mayBeOurs(credential: string): boolean {
  return isApiKey(credential) || credential.startsWith('eyJ');
}
