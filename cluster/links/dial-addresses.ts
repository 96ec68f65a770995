import { isIPv6 } from 'node:net';
import type { PeerCard } from './contract.ts';

const hostForm = /^\/(?:ip4|ip6|dns|dns4|dns6)\/([^/]+)\/tcp\/(\d+)/;

/**
 * Where to dial the node whose card came from `host`: at the addresses that it announces, then at the address that
 * answered, with the announced ports, since a container announces what only its neighbours can reach. A loopback address
 * is worth something only on the same machine.
 */
export function dialAddresses(card: PeerCard, host: string): readonly string[] {
  const announced = card.addresses.filter((address) => isLoopback(host) || !isLoopback(hostOf(address)));
  const ports = new Set(card.addresses.flatMap((address) => hostForm.exec(address)?.[2] ?? []));
  const family = isIPv6(host) ? 'ip6' : 'ip4';
  const reached = [...ports].map((port) => `/${family}/${host}/tcp/${port}`);
  return [...new Set([...announced, ...reached].map((address) => named(address, card.peer_id)))];
}

function hostOf(address: string): string {
  return hostForm.exec(address)?.[1] ?? '';
}

function named(address: string, peer: string): string {
  return address.includes('/p2p/') ? address : `${address}/p2p/${peer}`;
}

function isLoopback(host: string): boolean {
  return host === '::1' || host === 'localhost' || host.startsWith('127.');
}
