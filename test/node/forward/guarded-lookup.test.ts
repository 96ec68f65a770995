import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { guardLookup } from '../../../node/forward/guarded-lookup.ts';
import { UpstreamPools } from '../../../node/forward/pools.ts';

/** A resolver that always finds these. */
const finds =
  (...addresses: string[]): Parameters<typeof guardLookup>[0] =>
  (_host, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

function resolve(addresses: string[], all: boolean): Promise<string | LookupAddress[]> {
  return new Promise((done, fail) => {
    guardLookup(finds(...addresses))('host.example', { all }, (error, found) =>
      error === null ? done(found) : fail(error),
    );
  });
}

test('a name that leads to a metadata service is not dialled', async () => {
  await expect(resolve(['169.254.169.254'], false)).rejects.toMatchObject({ code: 'ERR_ADDRESS_REFUSED' });
  await expect(resolve(['fe80::1', '169.254.169.254'], true)).rejects.toMatchObject({ code: 'ERR_ADDRESS_REFUSED' });
});

test('of several addresses those that may be dialled are left', async () => {
  await expect(resolve(['169.254.169.254', '127.0.0.1', '::1'], true)).resolves.toEqual([
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]);
  await expect(resolve(['169.254.169.254', '10.0.0.7'], false)).resolves.toBe('10.0.0.7');
});

test.each(['http://169.254.169.254', 'http://[fe80::1]:80'])('no pool is opened to %s', (origin) => {
  const pools = new UpstreamPools({ connectionsPerOriginMax: 1, connectTimeoutMs: 1000 });
  expect(() => pools.get(origin)).toThrow(/link-local/);
});
