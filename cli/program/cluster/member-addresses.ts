import { isIPv6 } from 'node:net';
import type { StatusMember } from './cluster-status.ts';

const addressForm = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/;

/** Members that say this of themselves want no requests. */
const idle = new Set<string | undefined>(['joining', 'draining']);

/**
 * `HOST:PORT` of the members that take requests, in the order of their ids. What a member says of itself goes into
 * another program's configuration here: an address of any other form is left out.
 */
export function memberAddresses(members: readonly StatusMember[]): string[] {
  const serving = members.filter(({ state, health }) => state === 'alive' && !idle.has(health));
  const sorted = serving.toSorted((one, other) => (one.nodeId < other.nodeId ? -1 : 1));
  const addresses = sorted.map(({ address }) => bracketed(address)).filter((address) => addressForm.test(address));
  return [...new Set(addresses)];
}

/** `::1:3000` is `[::1]:3000`. */
function bracketed(address: string): string {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? [];
  return isIPv6(host) ? `[${host}]:${port}` : address;
}
