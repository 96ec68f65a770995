/**
 * An account's base_url is checked where it is set, but a name may resolve to anything later (DNS rebinding): the
 * credentials of the machine that a cloud's metadata service hands out must stay out of reach.
 */
// The index gives pools the methods that the tests ask with; the product has dispatch alone.
import 'undici';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { LookupFunction, AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UpstreamPools } from '../../../node/forward/pools.ts';

const options = { connectionsPerOriginMax: 1, connectTimeoutMs: 5_000 };
const server = createServer((_, response) => response.end('hello'));
let port = 0;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => void server.close());

/** A resolver that gives these addresses for every name, in the form that was asked for. */
function resolver(...addresses: string[]): LookupFunction {
  const list = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  return (_name, asked, done) => {
    if (asked.all === true) done(null, list);
    else done(null, list[0]?.address ?? '', list[0]?.family);
  };
}

async function get(lookup: LookupFunction): Promise<string> {
  const pools = new UpstreamPools(options, lookup);
  try {
    const { body } = await pools.get(`http://upstream.test:${port}`).request({ path: '/', method: 'GET' });
    return await body.text();
  } finally {
    await pools.stop();
  }
}

describe('a name', () => {
  test('that resolves to an upstream is connected to', async () => {
    expect(await get(resolver('127.0.0.1'))).toBe('hello');
  });

  test.each([[['169.254.169.254']], [['fe80::1']], [['100.100.100.200', '169.254.169.254']]])(
    'that resolves to %j is not',
    async (addresses) => {
      await expect(get(resolver(...addresses))).rejects.toMatchObject({ code: 'upstream_address_refused' });
    },
  );

  test('that has a link-local address beside another, as with mDNS, is connected to at the other', async () => {
    expect(await get(resolver('fe80::1', '127.0.0.1'))).toBe('hello');
  });

  test('that cannot be resolved fails as it does', async () => {
    const failing: LookupFunction = (_name, _asked, done) =>
      done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), '', 0);
    await expect(get(failing)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});

test.each(['http://169.254.169.254', 'http://[fe80::1]:80'])('no pool is opened to %s', async (origin) => {
  const pools = new UpstreamPools({ connectionsPerOriginMax: 1, connectTimeoutMs: 100 });
  expect(() => pools.get(origin)).toThrow(expect.objectContaining({ code: 'upstream_address_refused' }));
  await pools.stop();
});

test('after the stop no pool is opened again', async () => {
  const pools = new UpstreamPools(options);
  await pools.stop();
  expect(() => pools.get(`http://127.0.0.1:${port}`)).toThrow(expect.objectContaining({ code: 'node_stopping' }));
});
