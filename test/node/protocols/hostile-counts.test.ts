import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../kit/json.ts';
import { usageOf as ofAnthropic } from '../../../node/protocols/anthropic/schema.ts';
import { decodeUsage as ofGemini } from '../../../node/protocols/gemini/answer-object.ts';
import { decodeUsage as ofChat } from '../../../node/protocols/openai-chat/usage.ts';
import { decodeUsage as ofResponses } from '../../../node/protocols/openai-responses/usage.ts';
import { decodeUsage as ofOci } from '../../../node/providers/oci/chat/usage.ts';

/** Each with all of its counts at one value. */
const readers: readonly [name: string, read: (count: string) => unknown][] = [
  ['Messages', (n) => ofAnthropic(json(`{"input_tokens":${n},"cache_read_input_tokens":${n},"output_tokens":${n}}`))],
  [
    'Chat Completions',
    (n) =>
      ofChat(json(`{"prompt_tokens":${n},"completion_tokens":${n},"prompt_tokens_details":{"cached_tokens":${n}}}`)),
  ],
  [
    'Responses',
    (n) =>
      ofResponses(json(`{"input_tokens":${n},"output_tokens":${n},"input_tokens_details":{"cached_tokens":${n}}}`)),
  ],
  [
    'Gemini',
    (n) =>
      ofGemini(
        json(
          `{"promptTokenCount":${n},"candidatesTokenCount":${n},"thoughtsTokenCount":${n},"cachedContentTokenCount":${n}}`,
        ),
      ),
  ],
  ['OCI', (n) => ofOci(json(`{"promptTokens":${n},"completionTokens":${n}}`))],
];

function json(text: string): JsonObject {
  return JSON.parse(text) as JsonObject;
}

describe.each(readers)('counts of %s', (_, read) => {
  it.each(['-5', '-1e300', '1e999', '9e15', '"12"', 'null', 'true', '[3]'])(
    'that are none (%s) are absent',
    (count) => {
      expect(read(count) ?? {}).toEqual({});
    },
  );

  it('are whole', () => {
    for (const count of Object.values(read('7.9') as object)) expect(count % 7).toBe(0);
  });
});
