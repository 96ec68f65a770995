import ipaddr from 'ipaddr.js';

/** A network and the number of its bits that count. */
export type AddressRange = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** An address or a CIDR range; undefined for what is neither. IPv4-mapped ones mean the IPv4 range. */
export function parseRange(text: string): AddressRange | undefined {
  try {
    if (text.includes('/')) return unmapped(ipaddr.parseCIDR(text));
    if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return undefined;
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    // ipaddr.js has no other way to say that it is no range.
    return undefined;
  }
}

/** Whether an address is in one of the ranges; false for what is none. */
export function isInRanges(ranges: readonly AddressRange[], address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return ranges.some(([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits));
}

/** `::ffff:10.0.0.0/104` means `10.0.0.0/8`; addresses are compared in their IPv4 form. */
function unmapped([network, bits]: [ipaddr.IPv4 | ipaddr.IPv6, number]): AddressRange {
  if (network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && bits >= 96) {
    return [network.toIPv4Address(), bits - 96];
  }
  return [network, bits];
}
