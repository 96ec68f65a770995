import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
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
}

/** For literal addresses, which are dialled without a lookup. Throws `upstream_address_refused`. */
export function assertDiallable(hostname: string): void {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) === 0 || addressRefusal(address) === undefined) return;
  throw forwardFaults.upstream_address_refused('the upstream stands at a link-local or metadata address');
}
