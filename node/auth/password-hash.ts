import { scrypt, timingSafeEqual } from 'node:crypto';

/** How dear a hash is: scrypt uses 128 * N * r bytes and time in proportion to N * r * p. */
export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/**
 * 32 MiB and 0.2 to 0.4 s of one core: one of the settings that OWASP's password storage cheat sheet calls equal. Of them
 * the one with the least memory that still fills a cache, since a node has other work.
 */
export const scryptCost: ScryptCost = { n: 2 ** 15, r: 8, p: 3 };

/** What a record may ask of this node: four times ours. */
const memoryBytesMax = 128 * 2 ** 20;
const passesMax = 16;

export const saltBytes = 16;
const hashBytes = 32;

const form = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/;

interface ParsedHash extends ScryptCost {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** `scrypt$N$r$p$SALT$HASH`, the last two as base64url. */
export async function hashPassword(password: string, salt: Uint8Array, cost: ScryptCost): Promise<string> {
  const { n, r, p } = cost;
  const hash = await derive(password, salt, cost);
  return ['scrypt', n, r, p, Buffer.from(salt).toString('base64url'), hash.toString('base64url')].join('$');
}

/** False as well for a hash that cannot be read. */
export async function isPassword(password: string, kept: string): Promise<boolean> {
  const parsed = parseHash(kept);
  if (parsed === undefined) return false;
  return timingSafeEqual(await derive(password, parsed.salt, parsed), parsed.hash);
}

/** Whether the hash was made with other costs than those of today. */
export function isOutdated(kept: string, { n, r, p }: ScryptCost): boolean {
  const parsed = parseHash(kept);
  return parsed === undefined || parsed.n !== n || parsed.r !== r || parsed.p !== p;
}

/** Undefined for what is none, or would cost more than this node is willing to spend. */
export function parseHash(kept: string): ParsedHash | undefined {
  const [, n, r, p, salt = '', hash = ''] = form.exec(kept) ?? [];
  const cost = { n: Number(n), r: Number(r), p: Number(p) };
  if (!isAffordable(cost)) return undefined;
  return { ...cost, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') };
}

function isAffordable({ n, r, p }: ScryptCost): boolean {
  const isPower = n >= 2 && Number.isInteger(Math.log2(n));
  return isPower && r >= 1 && p >= 1 && p <= passesMax && 128 * n * r <= memoryBytesMax;
}

/** On libuv's pool. The password in one form, so that two keyboards that compose letters differently type the same. */
function derive(password: string, salt: Uint8Array, { n, r, p }: ScryptCost): Promise<Buffer> {
  const options = { N: n, r, p, maxmem: 2 * memoryBytesMax };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, hashBytes, options, (error, hash) =>
      error === null ? resolve(hash) : reject(error),
    );
  });
}
