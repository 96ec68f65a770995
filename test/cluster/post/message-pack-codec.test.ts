import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFault } from '../../../kit/fault.ts';
import { messagePackCodec as codec } from '../../../cluster/post/message-pack-codec.ts';

const frame = (...content: number[]) => Uint8Array.from([1].concat(content));
const codeOf = (bytes: Uint8Array) => {
  try {
    codec.decode(bytes);
    return undefined;
  } catch (error) {
    return isFault(error) ? error.code : 'no fault';
  }
};
const malformed = 'peer_message_malformed';

const body = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }).map((number) => number + 0),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 20, noNullPrototype: true },
    ),
  ),
})).value;

describe('the codec', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(body, (value) => {
        expect(codec.decode(codec.encode(value))).toEqual(value);
      }),
    );
  });

  it('leaves out fields without a value', () => {
    expect(codec.decode(codec.encode({ a: undefined, b: [undefined] }))).toEqual({ b: [null] });
  });

  it('reads any bytes or throws a Fault that says why not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect([undefined, malformed]).toContain(codeOf(frame(...bytes)));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads no frame that is cut off or goes on', () => {
    fc.assert(
      fc.property(body, fc.nat(), (value, cut) => {
        const whole = codec.encode(value);
        expect(codeOf(whole.subarray(0, 1 + (cut % (whole.length - 1))))).toBe(malformed);
        expect(codeOf(Uint8Array.of(...whole, 0xc0))).toBe(malformed);
      }),
    );
  });

  it('tells a frame of another version apart', () => {
    expect(codeOf(Uint8Array.of(2, 0xc0))).toBe('peer_version_unknown');
    expect(codeOf(new Uint8Array())).toBe(malformed);
  });

  it.each([
    ['a list that announces more than the frame holds', frame(0xdc, 0xff, 0xff)],
    ['a long list that announces more than it may', frame(0xdd, 0xff, 0xff, 0xff, 0xff)],
    ['a map that announces more than the frame holds', frame(0x8f)],
    ['a long map that announces more than it may', frame(0xdf, 0xff, 0xff, 0xff, 0xff)],
    ['a text longer than the frame', frame(0xdb, 0x00, 0x0f, 0xff, 0xff)],
    ['a text longer than it may be', frame(0xdb, 0xff, 0xff, 0xff, 0xff)],
    ['bytes longer than they may be', frame(0xc6, 0xff, 0xff, 0xff, 0xff)],
    ['an extension', frame(0xd4, 0x01, 0x01)],
    ['a code that is not used', frame(0xc1)],
    ['the name of the prototype', frame(0x81, 0xa9, ...new TextEncoder().encode('__proto__'), 0xc0)],
    ['a nesting that is too deep', frame(...Array.from({ length: 10_000 }, () => 0x91), 0xc0)],
  ])('refuses %s', (_what, bytes) => {
    expect(codeOf(bytes)).toBe(malformed);
  });

  it('allocates nothing for headers that announce much in a nest', () => {
    // 100,000 lists in each other, of 65,535 elements each as they say.
    const bomb = Uint8Array.from([1].concat(Array.from({ length: 100_000 }, () => [0xdc, 0xff, 0xff]).flat()));
    const beforeBytes = process.memoryUsage().heapUsed;
    expect(codeOf(bomb)).toBe(malformed);
    expect(process.memoryUsage().heapUsed - beforeBytes).toBeLessThan(16_777_216);
  });
});
