import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../../kit/json.ts';
import { bytewise, cutAt, decode, event, exception, gist, reasoning, text, tool } from './frames.ts';

const word = fc.constantFrom('<thinking>', '</thinking>', '\n\n', 'END', 'E', 'ND', 'é', '🚲', '{"a":', '1}', '{}', '');
const id = fc.constantFrom('a', 'b', undefined);
const payload = fc
  .record(
    { name: fc.constantFrom('f', 'g', ''), toolUseId: id, input: fc.oneof(word, fc.jsonValue()), stop: fc.boolean() },
    { requiredKeys: [] },
  )
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Json);

const piece = fc.oneof(
  { weight: 5, arbitrary: word.map(text) },
  { weight: 2, arbitrary: word.map((text) => reasoning({ text })) },
  { weight: 1, arbitrary: word.map((signature) => reasoning({ signature, redactedContent: signature })) },
  { weight: 5, arbitrary: payload.map(tool) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(0, 50, 100)
      .map((share) => event('contextUsageEvent', { contextUsagePercentage: share })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('END_TURN', 'max_tokens', 'x')
      .map((stopReason) => event('metadataEvent', { stopReason })),
  },
  { weight: 1, arbitrary: fc.jsonValue().map((value) => event('metadataEvent', value as Json)) },
  { weight: 1, arbitrary: fc.jsonValue().map((value) => event('toolUseEvent', value as Json)) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('contentLengthExceededException', 'throttlingException')
      .map((type) => exception(type, {})),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)) },
);
const context = fc.record({
  readsThinkingTags: fc.boolean(),
  stop: fc.constantFrom<string[]>([], ['END'], ['E', 'END', '\n\n']),
});

describe('any stream of messages', () => {
  it('gives events in the order of the contract, the same however its bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 10 }),
        context,
        fc.array(fc.nat(), { maxLength: 8 }),
        (frames, reading, offsets) => {
          const bytes = Buffer.concat(frames);
          // `decode` fails at the first event that the contract forbids.
          const whole = decode([bytes], reading);
          const expected = gist(whole).map(comparable);
          expect(gist(decode(cutAt(bytes, offsets), reading)).map(comparable)).toEqual(expected);
          expect(gist(decode(bytewise(bytes), reading)).map(comparable)).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('that is not one at all ends in a fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4000 }), (bytes) => {
        expect(decode([bytes])).toMatchObject([{ type: 'fault', fault: { retry: 'other-account' } }]);
      }),
    );
  });
});

function comparable(event: ReturnType<typeof gist>[number]) {
  return event.type === 'fault' ? { type: 'fault', code: event.fault.code, message: event.fault.message } : event;
}
