import type { Random } from '../../kit/random.ts';

const keyPrefix = 'aip_';
/** 256 bits: nobody guesses one, so a plain hash of it may be kept. */
const keyBytes = 32;
const keyLength = keyPrefix.length + 43;
const shownLength = 12;

/** `aip_` and 43 characters. */
export function newApiKey(random: Random): string {
  return keyPrefix + Buffer.from(random.bytes(keyBytes)).toString('base64url');
}

/** By its form only. */
export function isApiKey(credential: string): boolean {
  return credential.length === keyLength && credential.startsWith(keyPrefix);
}

/** What of a key is shown to people: 48 of its 256 bits. */
export function shownPrefix(key: string): string {
  return key.slice(0, shownLength);
}

/** 32 characters, five bits each; without those that look like another one. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';

/** `length` characters of five bits each. */
export function randomCode(random: Random, length: number): string {
  return Array.from(random.bytes(length), (byte) => alphabet[byte % alphabet.length] ?? '').join('');
}

/** `usr_…`, `key_…`: 100 bits, so that ids never meet. */
export function newId(random: Random, kind: 'usr' | 'key' | 'ses' | 'sgn'): string {
  return `${kind}_${randomCode(random, 20)}`;
}

/** Four groups of five characters: 100 bits, to be read from a screen. */
export function newPassword(random: Random): string {
  return Array.from({ length: 4 }, () => randomCode(random, 5)).join('-');
}
