<<<<<<< HEAD
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { addressRefusal } from '../../kit/dial-guard.ts';
import { forwardFaults } from './faults.ts';

/**
 * A resolver that gives no link-local or metadata address, whatever a name resolves to at this moment: the URL of an
 * account is checked when it is set, but its name may point elsewhere by the time it is dialled. Called for names only,
 * and only for new connections. Names of a local network may have a link-local address beside others (mDNS): those are
 * left out, and only a name that has nothing else is refused.
 */
export function guardedLookup(resolve: LookupFunction): LookupFunction {
  return (name, options, done) =>
    resolve(name, options, (error, address, family) => {
      if (error !== null) return done(error, address, family);
      const allowed = allowedOf(address);
      if (allowed.length > 0) return done(null, allowed, family);
      done(
        forwardFaults.upstream_address_refused('the name of the upstream resolves to a link-local or metadata address'),
        '',
      );
    });
}

/** In the form in which they came: one address, or a list. */
function allowedOf(address: string | LookupAddress[]): string | LookupAddress[] {
  if (typeof address === 'string') return addressRefusal(address) === undefined ? address : '';
  return address.filter((each) => addressRefusal(each.address) === undefined);
=======
import { type LookupAddress, type LookupAllOptions, type LookupOptions, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { addressRefusal } from '../../kit/dial-guard.ts';

/** What finds all addresses of a name, `dns.lookup` with `all`. */
export type LookupAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A lookup for sockets that leaves out addresses that must not be dialled (link-local, metadata services), so that a
 * name which changes its address after it was configured leads nowhere either. Error `ERR_ADDRESS_REFUSED` when none
 * is left.
 */
export function guardLookup(lookupAll: LookupAll): LookupFunction {
  return (hostname: string, options: LookupOptions, callback) => {
    lookupAll(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const allowed = addresses.filter(({ address }) => addressRefusal(address) === undefined);
      const first = allowed[0];
      if (first === undefined) callback(refused(hostname), []);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

export const guardedLookup = guardLookup(lookup);

/** The error for a literal address that must not be dialled, for which no lookup is made; undefined for others. */
export function refusedAddress(hostname: string): Error | undefined {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && addressRefusal(host) !== undefined ? refused(host) : undefined;
}

function refused(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} leads to a link-local or metadata address`), {
    code: 'ERR_ADDRESS_REFUSED',
  });
>>>>>>> review-data
}
