import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import { geminiProtocol as protocol } from '../../../../node/protocols/gemini/index.ts';

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const first = { role: 'user', parts: [{ text: 'one' }] };

function affinity(body: Buffer): string {
  const { affinityStart, affinityEnd } = protocol.scanRequest(body);
  return body.toString('utf8', affinityStart, affinityEnd);
}

test('model and stream are in the path; affinity is the first content of the user', () => {
  const body = bytes({ contents: [first, { role: 'model', parts: [] }, { role: 'user', parts: [] }] });
  expect(protocol.scanRequest(body)).toMatchObject({
    model: '',
    stream: false,
    usesPromptCache: false,
    hasMaxTokens: false,
  });
  expect(affinity(body)).toBe(JSON.stringify(first));
  expect(affinity(bytes({ contents: [{ parts: [] }] }))).toBe('{"parts":[]}');
  expect(affinity(bytes({ contents: 'x' }))).toBe('');
});

test.each([
  [{ generationConfig: { maxOutputTokens: 5 } }, true],
  [{ generation_config: { max_output_tokens: 5 } }, true],
  [{ generationConfig: { topP: 1 } }, false],
  [{ generationConfig: null }, false],
] satisfies [JsonObject, boolean][])('%j has a bound: %s', (body, expected) => {
  expect(protocol.scanRequest(bytes(body)).hasMaxTokens).toBe(expected);
});

test('bodies that are not JSON objects are refused', () => {
  expect(() => protocol.scanRequest(Buffer.from('[{}]'))).toThrow(expect.objectContaining({ code: 'invalid_json' }));
});

test('a bound is put where it belongs and nothing else changes', () => {
  const config = fc.option(
    fc.record({ topP: fc.double({ noNaN: true }), maxOutputTokens: fc.nat() }, { requiredKeys: [] }),
    { nil: undefined },
  );
  fc.assert(
    fc.property(config, fc.boolean(), (generationConfig, hasContents) => {
      const body = JSON.parse(
        JSON.stringify({ generationConfig, ...(hasContents ? { contents: [first] } : {}) }),
      ) as JsonObject;
      const before = bytes(body);
      const after = protocol.editRequest(before, protocol.scanRequest(before), { model: 'other', maxTokens: 7 });
      const expected = {
        ...body,
        generationConfig: { maxOutputTokens: 7, ...(body.generationConfig as JsonObject | undefined) },
      };
      expect(JSON.parse(after.toString())).toEqual(expected);
    }),
  );
});

test('without a bound to add the buffer stays the same', () => {
  const body = bytes({ contents: [first] });
  expect(protocol.editRequest(body, protocol.scanRequest(body), { model: 'x' })).toBe(body);
});

test('usage and model of a complete answer', () => {
  const usageMetadata = {
    promptTokenCount: 9,
    toolUsePromptTokenCount: 1,
    candidatesTokenCount: 2,
    thoughtsTokenCount: 3,
  };
  const body = bytes({ candidates: [], usageMetadata, modelVersion: 'up' });
  expect(protocol.scanAnswer(body).usage).toEqual({ inputTotal: 10, outputTotal: 5, reasoning: 3 });
  expect(protocol.renameAnswer(body, 'up', 'fast').toString()).toBe(body.toString().replace('"up"', '"fast"'));
  fc.assert(fc.property(fc.uint8Array(), (raw) => void protocol.scanAnswer(Buffer.from(raw))));
});
