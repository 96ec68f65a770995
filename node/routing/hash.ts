/** Bytes hashed of a long span: its beginning and its end. Prefixes that differ only in between are rare and harmless. */
const sampledBytes = 4_096;

/** Murmur3's finaliser: every input bit reaches every output bit. Unsigned 32 bits. */
export function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Two hashes made one; order matters. Unsigned 32 bits. */
export function combine(left: number, right: number): number {
  return mix((Math.imul(left, 0x9e3779b1) ^ right) | 0);
}

/** FNV-1a over UTF-16 units, then mixed. The same on every node. Unsigned 32 bits. */
export function hashString(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mix(hash);
}

/** Over bytes `from` to `to`. Of spans longer than 4 KiB the first and last 2 KiB and the length: bounded work. */
export function hashBytes(bytes: Uint8Array, from = 0, to = bytes.length): number {
  const length = to - from;
  if (length <= sampledBytes) return mix(fold(0x811c9dc5, bytes, from, to));
  const half = sampledBytes / 2;
  const head = fold(0x811c9dc5, bytes, from, from + half);
  return mix(fold(head ^ length, bytes, to - half, to));
}

function fold(seed: number, bytes: Uint8Array, from: number, to: number): number {
  let hash = seed;
  for (let index = from; index < to; index++) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash;
}
