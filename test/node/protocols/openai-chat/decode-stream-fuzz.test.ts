import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../../kit/json.ts';
import { call, chunk, decode, sse } from './chunks.ts';

const piece = fc.constantFrom('', '{', '}', '{}', '{"a":', '"b', '"}', '1}', 'null', '[', ' ', '\\', 'é');
const fragment = fc
  .record(
    {
      index: fc.constantFrom(0, 1, 2),
      id: fc.constantFrom('', 'a', 'b', 'c'),
      name: fc.constantFrom('', 'f', 'g'),
      arguments: piece,
    },
    { requiredKeys: [] },
  )
  .map(({ index, id, name, arguments: json }) => {
    const fields: JsonObject = { function: { name, arguments: json } };
    if (index !== undefined) fields['index'] = index;
    if (id !== undefined) fields['id'] = id;
    return call(fields);
  });
const delta = fc.oneof(
  { weight: 4, arbitrary: fragment },
  { weight: 2, arbitrary: fc.string({ maxLength: 3 }).map((content) => chunk({ content })) },
  { weight: 1, arbitrary: fc.string({ maxLength: 3 }).map((text) => chunk({ reasoning_content: text })) },
  { weight: 1, arbitrary: fc.constantFrom('stop', 'tool_calls', '', 'error').map((word) => chunk({}, word)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<JsonObject>({ choices: [] }, { choices: [null] }, { choices: [{}] }, { usage: 5 }),
  },
  {
    weight: 1,
    arbitrary: fc
      .jsonValue()
      .filter(isJsonObject)
      .map((value) => chunk({ content: value, tool_calls: value })),
  },
);

describe('any stream of chunks', () => {
  it('gives events in the order of the contract, whose calls have an id, a name and an object for arguments or a cut one', () => {
    fc.assert(
      fc.property(fc.array(delta, { maxLength: 14 }), fc.boolean(), (chunks, hasDone) => {
        // `decode` fails at the first event that the contract forbids.
        const events = decode(sse(...chunks, ...(hasDone ? ['[DONE]'] : [])));
        const starts = events.filter((event) => event.type === 'tool_start');
        for (const start of starts) {
          expect(start.name).not.toBe('');
          expect(start.id).not.toBe('');
        }
        expect(new Set(starts.map(({ id }) => id)).size).toBe(starts.length);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps every call whole, however the fragments of parallel calls are mixed', () => {
    const args = fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue(), { minKeys: 1, maxKeys: 3 });
    const mixed = fc.tuple(fc.array(args, { minLength: 1, maxLength: 4 }), fc.infiniteStream(fc.nat(3)), fc.boolean());
    fc.assert(
      fc.property(mixed, ([list, order, hasIds]) => {
        const rest = list.map((value) => JSON.stringify(value));
        const chunks = list.map((_, index) =>
          call({ index, id: `c${index}`, function: { name: `f${index}`, arguments: '' } }),
        );
        while (rest.some((text) => text !== '')) {
          const index = Number(order.next().value) % list.length;
          const text = rest[index] ?? '';
          chunks.push(
            call({ index, ...(hasIds ? { id: `c${index}` } : {}), function: { arguments: text.slice(0, 3) } }),
          );
          rest[index] = text.slice(3);
        }
        const events = decode(sse(...chunks, chunk({}, 'tool_calls')));
        const said: string[] = [];
        for (const event of events) {
          if (event.type === 'tool_start') said.push('');
          else if (event.type === 'tool_arguments') said[said.length - 1] += event.json;
        }
        expect(said).toEqual(list.map((value) => JSON.stringify(value)));
      }),
    );
  });
});
