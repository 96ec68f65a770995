import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CacheQuestion } from '../../../node/cache/contract.ts';
import { canonicalBodyBytesMax, isRequestKey, keyedBodyBytesMax, requestKey } from '../../../node/cache/request-key.ts';
import { KeyMemo } from '../../../node/cache/key-memo.ts';

const asked: CacheQuestion = {
  protocol: 'openai-chat',
  operation: 'generate',
  tenant: 'key1',
  modelAsked: 'fast',
  modelServed: 'gpt-4o-mini',
  headers: [],
  body: Buffer.from('{"model":"fast","messages":[]}'),
};

const keyOf = (body: unknown, more: Partial<CacheQuestion> = {}) =>
  requestKey({ ...asked, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), ...more });

/** The same JSON with members the other way round and other whitespace. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reversed(member)]),
  );
}

describe('the key of a request', () => {
  it('is the same for the same JSON, whatever its order and whitespace', () => {
    fc.assert(
      fc.property(fc.object({ values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)] }), (body) => {
        fc.pre(!('store' in body));
        const key = keyOf(body);
        expect(isRequestKey(key)).toBe(true);
        expect(keyOf(JSON.stringify(reversed(body), null, 2))).toBe(key);
      }),
    );
  });

  it('is another one for other JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        fc.pre(JSON.stringify(reversed(one)) !== JSON.stringify(other));
        const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
        expect(keyOf({ one }) === keyOf({ one: other })).toBe(same);
      }),
    );
  });

  it.each([
    ['tenant', { tenant: 'key2' }],
    ['protocol', { protocol: 'openai-responses' }],
    ['kind', { operation: 'embeddings' }],
    ['model asked', { modelAsked: 'slow' }],
    ['model served', { modelServed: 'gpt-5' }],
    ['headers', { headers: ['anthropic-beta', 'x'] }],
    // Whatever the names hold, the parts do not run together.
    ['parts', { tenant: 'key14 fast', modelAsked: '' }],
  ] as const)('is another one for another %s', (_name, more) => {
    expect(requestKey({ ...asked, ...more })).not.toBe(requestKey(asked));
  });

  it.each([
    ['openai-chat', { stream: false, stream_options: null, user: 'u', metadata: { a: '1' }, prompt_cache_key: 'p' }],
    ['anthropic', { stream: false, metadata: { user_id: 'u' } }],
    ['openai-responses', { stream: false }],
  ] as const)('passes over what says nothing about the answer: %s', (protocol, idle) => {
    const body = { model: 'fast', input: 'hi' };
    expect(keyOf({ ...body, ...idle }, { protocol })).toBe(keyOf(body, { protocol }));
    expect(keyOf({ ...body, deep: idle }, { protocol })).not.toBe(keyOf({ ...body, deep: {} }, { protocol }));
  });

  it('minds what Responses repeats in its answers', () => {
    const protocol = 'openai-responses';
    expect(keyOf({ user: 'a' }, { protocol })).not.toBe(keyOf({ user: 'b' }, { protocol }));
  });

  it.each([
    ['openai-chat', 'store'],
    ['openai-responses', 'background'],
    ['openai-responses', 'conversation'],
    ['anthropic', 'container'],
  ] as const)('is none where the request changes something at the provider: %s, %s', (protocol, name) => {
    expect(keyOf({ [name]: true }, { protocol })).toBeUndefined();
    expect(keyOf({ [name]: false }, { protocol })).toBeDefined();
    expect(keyOf({ [name]: true, text: 'x'.repeat(canonicalBodyBytesMax) }, { protocol })).toBeUndefined();
  });

  it('tells numbers apart that JavaScript cannot', () => {
    const seeds = ['9007199254740992', '9007199254740993', '1e400', '2e400', '0.30000000000000004', '0.3'];
    expect(new Set(seeds.map((seed) => keyOf(`{"seed":${seed}}`))).size).toBe(seeds.length);
    expect(keyOf('{"t":0.10}')).toBe(keyOf('{"t":0.1}'));
  });

  it('tells bytes apart that are not UTF-8, and names that JavaScript minds', () => {
    const bytes = (byte: number) => Buffer.from([0x7b, 0x22, byte, 0x22, 0x3a, 0x31, 0x7d]);
    const keys = [0xfe, 0xff].map((byte) => requestKey({ ...asked, body: bytes(byte) }));
    expect(keys[0]).not.toBe(keys[1]);
    expect(keyOf('{"__proto__":{"a":1},"b":1}')).toBe(keyOf('{"b":1,"__proto__":{"a":1}}'));
    expect(keyOf('{"__proto__":{"a":1}}')).not.toBe(keyOf('{}'));
  });

  it('goes by the bytes of long bodies, and is none for very long ones', () => {
    const text = 'x'.repeat(canonicalBodyBytesMax);
    expect(keyOf({ text, a: 1 })).toBe(keyOf({ text, a: 1 }));
    expect(keyOf({ text, a: 1 })).not.toBe(keyOf({ a: 1, text }));
    expect(keyOf({ text: 'x'.repeat(keyedBodyBytesMax) })).toBeUndefined();
  });
});

describe('remembered keys', () => {
  it('are those that are made anew', () => {
    const memo = new KeyMemo();
    const questions = [asked, { ...asked, tenant: 'key2' }, { ...asked, body: Buffer.from('{"model":"fast"}') }];
    for (const round of [1, 2, 3]) {
      for (const question of questions) {
        const key = memo.of(question);
        expect(key, `round ${round}`).toBe(requestKey(question));
        memo.wasHit(key ?? '');
        memo.wasHit('another');
      }
    }
    memo.clear();
    expect(memo.of(asked)).toBe(requestKey(asked));
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, sorted(member)] as const);
  return Object.fromEntries(members.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
