import { BlockList, isIP } from 'node:net';

/**
 * Link-local and cloud metadata addresses: a node must never carry an account's key, or a caller's choice of URL, to
 * them. Loopback and private networks are allowed, since local models live there.
 * Sources: RFC 3927, RFC 4291 section 2.5.6; metadata hosts of AWS, GCP, Azure (169.254.169.254, fd00:ec2::254),
 * Alibaba (100.100.100.200), Oracle (192.0.0.192).
 */
const refused = new BlockList();
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addAddress('100.100.100.200', 'ipv4');
refused.addAddress('192.0.0.192', 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
refused.addAddress('fd00:ec2::254', 'ipv6');
// NAT64 (RFC 6052) and 6to4 (RFC 3056) spell 169.254.0.0/16 inside an IPv6 address.
refused.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');
refused.addSubnet('2002:a9fe::', 32, 'ipv6');

const refusedNames = new Set(['metadata.google.internal', 'metadata', 'instance-data', 'instance-data.ec2.internal']);

/**
 * Why a URL may not be dialled, or undefined when it may. The reason never repeats the URL, which may hold a password.
 * Names are not resolved here: give `addressRefusal` the address that a lookup found before connecting to it.
 */
export function dialRefusal(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'is not a URL';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'is not an http or https URL';
  if (url.username !== '' || url.password !== '') return 'carries a user name or password';
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (refusedNames.has(host)) return 'points at a metadata service';
  return isIP(host) === 0 ? undefined : addressRefusal(host);
}

/** Why an IP address may not be dialled, or undefined when it may (or is not an IP address). */
export function addressRefusal(address: string): string | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  const isRefused = refused.check(address, version === 6 ? 'ipv6' : 'ipv4');
  return isRefused ? 'points at a link-local or metadata address' : undefined;
}
