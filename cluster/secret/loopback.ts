import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
loopback.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');

const multiaddrHost = /^\/(?:ip4|ip6|dns|dns4|dns6)\/([^/]+)/;
const bracketedHost = /^\[([^\]]*)\]/;

/** Whether an address (a host, HOST:PORT or a multiaddr) can be reached from this machine alone. */
export function isLoopback(address: string): boolean {
  const host = hostOf(address).toLowerCase().replace(/\.$/, '');
  const version = isIP(host);
  // RFC 6761, section 6.3: names under localhost lead to the loopback address.
  if (version === 0) return host === 'localhost' || host.endsWith('.localhost');
  return loopback.check(host, version === 6 ? 'ipv6' : 'ipv4');
}

function hostOf(address: string): string {
  if (address.startsWith('/')) return multiaddrHost.exec(address)?.[1] ?? '';
  const bracketed = bracketedHost.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  return isIP(address) === 0 ? address.replace(/:\d*$/, '') : address;
}
