import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientAddress } from '../../../node/auth/address.ts';

const proxied = new ClientAddress(['127.0.0.1', '10.0.0.0/8', '2001:db8::/32']);

describe('the client’s address', () => {
  it.each([
    ['no header', '127.0.0.1', undefined, '127.0.0.1'],
    ['one hop', '127.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['several proxies', '127.0.0.1', '203.0.113.7, 10.1.2.3,10.0.0.1', '203.0.113.7'],
    ['a claim left of the client', '127.0.0.1', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['a stranger who sends the header', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['proxies alone', '127.0.0.1', '10.0.0.9, 10.0.0.1', '10.0.0.9'],
    ['an IPv4 peer on a dual-stack socket', '::ffff:127.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['IPv6', '2001:db8::1', '2001:470::5', '2001:470::5'],
    ['ports', '127.0.0.1', '203.0.113.7:4711', '203.0.113.7'],
    ['brackets and port', '127.0.0.1', '[2001:470::5]:443', '2001:470::5'],
    ['garbage', '127.0.0.1', '203.0.113.7, unknown', '127.0.0.1'],
    ['an address in octal', '127.0.0.1', '0177.0.0.1', '127.0.0.1'],
    ['nothing in it', '127.0.0.1', '', '127.0.0.1'],
    ['two headers', '127.0.0.1', ['198.51.100.1', '203.0.113.7'], '203.0.113.7'],
  ])('with %s', (_name, peer, header, expected) => {
    expect(proxied.of(peer, header)).toBe(expected);
  });

  it('is the peer’s where no proxy is trusted', () => {
    const direct = new ClientAddress([]);
    expect(direct.of('127.0.0.1', '203.0.113.7')).toBe('127.0.0.1');
    expect(direct.of(undefined, '203.0.113.7')).toBe('');
  });

  it('cannot be chosen by a client, whatever it writes before what the proxy appends', () => {
    fc.assert(
      fc.property(fc.string(), (claim) => {
        expect(proxied.of('127.0.0.1', `${claim}, 203.0.113.7`)).toBe('203.0.113.7');
      }),
    );
  });

  it('does not walk a header of any length', () => {
    expect(proxied.of('127.0.0.1', '10.0.0.1,'.repeat(10_000) + '10.0.0.1')).toBe('10.0.0.1');
    expect(proxied.of('127.0.0.1', `203.0.113.7,${'10.0.0.1,'.repeat(40)}10.0.0.1`)).toBe('10.0.0.1');
  });

  it('takes mapped ranges for what they mean', () => {
    const mapped = new ClientAddress(['::ffff:10.0.0.0/104']);
    expect(mapped.of('10.9.9.9', '203.0.113.7')).toBe('203.0.113.7');
    expect(mapped.of('11.9.9.9', '203.0.113.7')).toBe('11.9.9.9');
  });

  it.each(['nonsense', '10.0.0.0/33', '300.1.1.1', ''])('refuses %j as a trusted proxy', (entry) => {
    expect(() => new ClientAddress([entry])).toThrow(
      expect.objectContaining({ code: 'bad_trusted_proxy', source: 'config', field: 'trusted_proxies' }),
    );
  });
});
