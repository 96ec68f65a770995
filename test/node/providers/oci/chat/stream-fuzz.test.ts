import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../../../kit/json.ts';
import { decode, encoded, lakeTool, sse } from './oci-chat.ts';

const piece = fc.constantFrom('', '{', '}', '{}', '{"a":', '"b', '"}', '1}', '<tool_call>', '</tool_call>', 'é', ' ');
const fragment = fc.record(
  {
    id: fc.constantFrom('', 'a', 'b', null),
    name: fc.constantFrom('', 'lake_info', 'g'),
    arguments: fc.oneof(piece, fc.constant({ x: 1 })),
    parameters: fc.jsonValue({ maxDepth: 1 }),
    function: fc.constantFrom({ name: 'lake_info', arguments: '{}' }, { arguments: '{"a' }, null),
  },
  { requiredKeys: [] },
);
const message = fc.record(
  {
    content: fc.oneof(
      piece,
      piece.map((text) => [{ type: 'TEXT', text }, { type: 'THINKING', thinking: text }, null, 5]),
      fc.constant(null),
    ),
    reasoningContent: piece,
    toolPlan: piece,
    refusal: piece,
    toolCalls: fc.oneof(fc.array(fragment, { maxLength: 3 }), fragment, fc.constant('x')),
  },
  { requiredKeys: [] },
);
const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        message,
        text: piece,
        toolCalls: fc.array(fragment, { maxLength: 3 }),
        usage: fc.constantFrom<unknown>({ promptTokens: 1 }, { promptTokens: -1 }, 5, null),
        finishReason: fc.constantFrom('', null, 'stop', 'COMPLETE', 'TOOL_CALL', 'ERROR', 'length'),
        pad: fc.string({ maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }).filter(isJsonObject) },
);

describe.each(['xai.grok-4', 'meta.llama-3.3-70b-instruct', 'cohere.command-r', 'cohere.command-a-reasoning'])(
  'any stream of %s',
  (model) => {
    const from = encoded(model, { stream: true, tools: [lakeTool] });

    it('gives events in the order of the contract, and calls that have an id of their own and a name', () => {
      fc.assert(
        fc.property(fc.array(event, { maxLength: 8 }), fc.boolean(), (list, hasDone) => {
          // `decode` fails at the first event that the contract forbids.
          const events = decode(from, sse(...(list as JsonObject[]), ...(hasDone ? ['[DONE]'] : [])));
          const starts = events.filter((each) => each.type === 'tool_start');
          for (const { id, name } of starts) expect([id, name]).not.toContain('');
          expect(new Set(starts.map(({ id }) => id)).size).toBe(starts.length);
        }),
        { numRuns: 300 },
      );
    });

    it('survives bytes of any kind', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
          const events = decode(from, `data: ${Buffer.from(bytes).toString('latin1')}`);
          expect(events.at(-1)).toMatchObject({ type: 'fault' });
        }),
      );
    });
  },
);
