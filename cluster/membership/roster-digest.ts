import type { Member } from './contract.ts';

/**
 * A 64-bit hash (FNV-1a, two halves) of the live members and their incarnations, in their order. Not against an
 * adversary: a member that lies about its table can as well send it.
 */
export function digestOf(live: readonly Member[]): string {
  let low = 0x811c9dc5;
  let high = 0x84222325;
  for (const { nodeId, incarnation } of live) {
    const text = `${nodeId}=${incarnation};`;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ (code + 0x5f), 0x01000193);
    }
  }
  return `${(low >>> 0).toString(16)}${(high >>> 0).toString(16)}`;
}
