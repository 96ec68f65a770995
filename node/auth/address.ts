import ipaddr from 'ipaddr.js';
import { isInRanges, parseRange, type AddressRange } from './address-range.ts';
import { authFaults } from './faults.ts';

/** Addresses whose trust is remembered. A node sits behind a few proxies; past this many the map starts anew. */
const knownAddressesMax = 4096;

/** Longest header that is remembered, characters: four IPv6 hops. */
const rememberedLengthMax = 160;

/** Hops read off one X-Forwarded-For; a longer list is somebody playing, and its rest is not believed. */
const hopsMax = 32;

/**
 * The client's address, seen through the proxies that are trusted to tell it. X-Forwarded-For is read from the right,
 * because every proxy appends what it saw itself: the first hop that is no trusted proxy is the client, and whatever
 * stands left of it is only what that client claims.
 */
export class ClientAddress {
  readonly #ranges: readonly AddressRange[];
  readonly #isTrusted = new Map<string, boolean>();
  /** What headers seen before said, by their text; '' where they said nothing to be believed. */
  readonly #walked = new Map<string, string>();

  /** `trustedProxies`: addresses and CIDR ranges. Throws `bad_trusted_proxy` naming the entry. */
  constructor(trustedProxies: readonly string[]) {
    this.#ranges = trustedProxies.map(trustedRange);
  }

  /** `remoteAddress` is the socket's peer; `forwardedFor` the header's value. Allocates nothing without the header. */
  of(remoteAddress: string | undefined, forwardedFor: string | string[] | undefined): string {
    const peer = remoteAddress === undefined ? '' : withoutMapping(remoteAddress);
    if (forwardedFor === undefined || this.#ranges.length === 0 || !this.#trusts(peer)) return peer;
    const client = this.#clientIn(typeof forwardedFor === 'string' ? forwardedFor : forwardedFor.join(','));
    return client === '' ? peer : client;
  }

  /** A client sends many requests, each with the same header: walking it costs 4 µs, remembering it 0.1. */
  #clientIn(forwardedFor: string): string {
    const known = this.#walked.get(forwardedFor);
    if (known !== undefined) return known;
    const client = this.#walk(forwardedFor);
    if (forwardedFor.length > rememberedLengthMax) return client;
    if (this.#walked.size >= knownAddressesMax) this.#walked.clear();
    this.#walked.set(forwardedFor, client);
    return client;
  }

  #walk(forwardedFor: string): string {
    let address = '';
    let end = forwardedFor.length;
    for (let hop = 0; hop < hopsMax && end > 0; hop++) {
      const comma = forwardedFor.lastIndexOf(',', end - 1);
      const next = addressOfHop(forwardedFor.slice(comma + 1, end).trim());
      // Garbage from a trusted proxy: the last address that can be believed is the proxy that sent it.
      if (next === undefined) return address;
      address = next;
      if (!this.#trusts(address)) return address;
      end = comma;
    }
    return address;
  }

  #trusts(address: string): boolean {
    const known = this.#isTrusted.get(address);
    if (known !== undefined) return known;
    const isTrusted = isInRanges(this.#ranges, address);
    if (this.#isTrusted.size >= knownAddressesMax) this.#isTrusted.clear();
    this.#isTrusted.set(address, isTrusted);
    return isTrusted;
  }
}

function trustedRange(text: string): AddressRange {
  const range = parseRange(text);
  if (range !== undefined) return range;
  const message = `trusted_proxies: ${JSON.stringify(text)} is neither an IP address nor a CIDR range`;
  throw authFaults.bad_trusted_proxy(message, { field: 'trusted_proxies' });
}

/** Dual-stack sockets show IPv4 peers as `::ffff:1.2.3.4`. */
function withoutMapping(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** The address of one hop without port and brackets, or undefined when it is none. */
function addressOfHop(hop: string): string | undefined {
  const bare = withoutMapping(withoutPort(hop));
  return ipaddr.IPv4.isValidFourPartDecimal(bare) || ipaddr.IPv6.isValid(bare) ? bare : undefined;
}

/** Azure and IIS append the port: `1.2.3.4:5678`, `[2001:db8::1]:5678`. */
function withoutPort(hop: string): string {
  if (hop.startsWith('[')) {
    const close = hop.indexOf(']');
    return close < 0 ? hop : hop.slice(1, close);
  }
  const colon = hop.indexOf(':');
  return colon >= 0 && hop.lastIndexOf(':') === colon ? hop.slice(0, colon) : hop;
}
