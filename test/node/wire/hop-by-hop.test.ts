import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientHeadersToForward, upstreamHeadersToForward, withoutKeys } from '../../../node/wire/hop-by-hop.ts';

describe('clientHeadersToForward', () => {
  it.each([
    'Authorization',
    'X-Api-Key',
    'Cookie',
    'User-Agent',
    'Origin',
    'Referer',
    'Forwarded',
    'X-Forwarded-For',
    'X-Real-IP',
    'Via',
    'CF-Connecting-IP',
    'True-Client-IP',
    'X-Client-IP',
    'Sec-Fetch-Mode',
    'X-Stainless-OS',
    'X-App',
    'Traceparent',
    'X-Request-Id',
    'Accept-Language',
    'From',
    'Host',
    'Connection',
    'Content-Length',
    'Transfer-Encoding',
    'X-Aiproxy-Anything',
    'X-Goog-Api-Client',
    'Anthropic-Dangerous-Direct-Browser-Access',
    'X-Some-Header-Of-Tomorrow',
  ])('keeps %s from the provider', (name) => {
    expect(clientHeadersToForward([name, 'value'])).toEqual([]);
  });

  it('lets pass what the request means', () => {
    const raw = [
      'Content-Type',
      'application/json',
      'Accept',
      '*/*',
      'anthropic-beta',
      'a',
      'Anthropic-Beta',
      'b',
      'X-DashScope-SSE',
      'enable',
    ];
    expect(clientHeadersToForward(raw)).toEqual([
      'content-type',
      'application/json',
      'accept',
      '*/*',
      'anthropic-beta',
      'a',
      'anthropic-beta',
      'b',
      'x-dashscope-sse',
      'enable',
    ]);
  });

  it('keeps back headers in which keys stand here, whatever else they are for', () => {
    expect(clientHeadersToForward(['Prefer', 'sk-1', 'Accept', 'y'], ['x-my-key', 'prefer'])).toEqual(['accept', 'y']);
  });

  it('keeps back what Connection names', () => {
    expect(clientHeadersToForward(['Connection', 'close, Prefer', 'Prefer', 'x', 'Accept', 'y'])).toEqual([
      'accept',
      'y',
    ]);
  });
});

describe('upstreamHeadersToForward', () => {
  it('takes away what is for the node alone', () => {
    expect(
      upstreamHeadersToForward({
        'content-type': 'application/json',
        'request-id': 'r',
        'retry-after': '3',
        vary: ['a', 'b'],
        connection: 'keep-alive, x-hop',
        'x-hop': '1',
        'set-cookie': ['a=b'],
        'transfer-encoding': 'chunked',
        'anthropic-organization-id': 'o',
        'access-control-allow-origin': '*',
        'cf-ray': 'x',
        'x-aiproxy-account': 'spoofed',
        etag: undefined,
      }),
    ).toEqual(['content-type', 'application/json', 'request-id', 'r', 'retry-after', '3', 'vary', 'a', 'vary', 'b']);
  });
});

describe('withoutKeys', () => {
  it.each([
    ['', ''],
    ['key=abc', ''],
    ['alt=sse&key=abc&x=%20+', 'alt=sse&x=%20+'],
    ['KEY=abc&%6Bey=abc&token=t&api_key=s&access_token=u', ''],
    ['pageToken=keep&monkey=1&key', 'pageToken=keep&monkey=1'],
    ['%zz=1&key=a', '%zz=1'],
  ])('%j gives %j', (query, kept) => {
    expect(withoutKeys(query)).toBe(kept);
  });

  it('knows further names for keys, in any case', () => {
    expect(withoutKeys('Auth=a&auth=b&%41uth=c&author=d&key=e', ['AUTH'])).toBe('author=d');
  });

  it('leaves no key that a server would find', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('key', 'a', 'token', 'Key'), fc.string())), (pairs) => {
        const kept = new URLSearchParams(withoutKeys(new URLSearchParams(pairs).toString()));
        expect([...kept]).toEqual(pairs.filter(([name]) => name === 'a'));
      }),
    );
  });
});
