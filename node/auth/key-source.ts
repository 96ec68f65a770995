import type { CredentialSource, Principal } from './contract.ts';
import type { Directory } from './directory.ts';
import { isApiKey } from './new-credential.ts';

/** API keys of the directory. They are found by their SHA-256, so that the time tells nothing of any key. */
export class KeySource implements CredentialSource {
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  get revision(): number {
    return this.#directory.revision.value;
  }

  find(credential: string, digest: Buffer): Principal | undefined {
    if (!isApiKey(credential)) return undefined;
    const key = this.#directory.keys.byDigest(digest.toString('latin1'));
    return key === undefined ? undefined : this.#directory.principalOfKey(key);
  }
}
