import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr';

export interface DialAddress {
  readonly multiaddr: Multiaddr;
  /** The same without its peer id, as text. */
  readonly place: string;
  /** Who is expected there, where the address says. */
  readonly peer: string | undefined;
}

/** Longer text is no address: a DNS name has at most 253 characters. */
const lengthMax = 512;
const form = /^\/(?:ip4|ip6|dns|dns4|dns6)\/[^/]+\/tcp\/\d{1,5}(?:\/p2p\/([A-Za-z0-9]+))?$/;

/** Reads `/ip4|ip6|dns|dns4|dns6/HOST/tcp/PORT[/p2p/PEER]`; undefined for anything else. */
export function parseDialAddress(text: string): DialAddress | undefined {
  const match = text.length > lengthMax ? null : form.exec(text);
  if (match === null) return undefined;
  try {
    const parsed = multiaddr(text);
    const peer = match[1] === undefined ? undefined : peerIdFromString(match[1]).toString();
    return { multiaddr: parsed, place: text.replace(/\/p2p\/.*$/, ''), peer };
  } catch {
    // The libraries throw at an address that is none; that is the answer, not a failure.
    return undefined;
  }
}
