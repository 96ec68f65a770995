import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Sealer } from '../contract.ts';

/** First byte of what is sealed; another way of sealing has another. */
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const algorithm = 'aes-256-gcm';

/**
 * AES-256-GCM:
 *
 *     version u8 | nonce, 12 bytes | what is sealed | tag, 16 bytes
 *
 * The purpose is authenticated with it. Nonces are random, which is sound to 2^32 seals under one key (NIST SP 800-38D,
 * section 8.3), tokens being sealed once an hour.
 */
export class AesSealer implements Sealer {
  readonly #key: Uint8Array;
  readonly #formerKeys: readonly Uint8Array[];

  /** Keys of 32 bytes. What former keys sealed can still be opened: those of a node that was alone before it joined. */
  constructor(key: Uint8Array, formerKeys: readonly Uint8Array[] = []) {
    this.#key = key;
    this.#formerKeys = formerKeys;
  }

  seal(purpose: string, plain: Uint8Array): Uint8Array {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#key, nonce).setAAD(boundTo(purpose));
    const sealed = [Uint8Array.of(version), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()];
    return new Uint8Array(Buffer.concat(sealed));
  }

  open(purpose: string, sealed: Uint8Array): Uint8Array | undefined {
    if (sealed[0] !== version || sealed.length < 1 + nonceBytes + tagBytes) return undefined;
    for (const key of [this.#key, ...this.#formerKeys]) {
      const plain = openWith(key, purpose, sealed);
      if (plain !== undefined) return plain;
    }
    return undefined;
  }
}

function openWith(key: Uint8Array, purpose: string, sealed: Uint8Array): Uint8Array | undefined {
  const nonce = sealed.subarray(1, 1 + nonceBytes);
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
    .setAAD(boundTo(purpose))
    .setAuthTag(sealed.subarray(-tagBytes));
  try {
    const plain = decipher.update(sealed.subarray(1 + nonceBytes, -tagBytes));
    return new Uint8Array(Buffer.concat([plain, decipher.final()]));
  } catch {
    // `final` throws when the tag does not fit: sealed under another key or purpose, or altered.
    return undefined;
  }
}

function boundTo(purpose: string): Uint8Array {
  return Buffer.concat([Uint8Array.of(version), Buffer.from(purpose, 'utf8')]);
}
