import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import { openaiResponsesProtocol as protocol } from '../../../../node/protocols/openai-responses/index.ts';

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

function affinity(body: Buffer): string {
  const { affinityStart, affinityEnd } = protocol.scanRequest(body);
  return body.toString('utf8', affinityStart, affinityEnd);
}

test('reads what routing needs', () => {
  const body = bytes({ model: 'gpt-5', input: 'hi', stream: true, prompt_cache_key: 'k', max_output_tokens: 5 });
  expect(protocol.scanRequest(body)).toMatchObject({
    model: 'gpt-5',
    stream: true,
    session: 'k',
    usesPromptCache: true,
    hasMaxTokens: true,
    bodyStart: 1,
  });
  expect(affinity(body)).toBe('"hi"');
});

test('affinity is the first item of the user and stays over the turns', () => {
  const first = { role: 'user', content: 'one' };
  const turns = [{ role: 'developer', content: 'x' }, first];
  expect(affinity(bytes({ input: turns }))).toBe(JSON.stringify(first));
  expect(affinity(bytes({ input: [...turns, { role: 'user', content: 'two' }] }))).toBe(JSON.stringify(first));
  expect(affinity(bytes({ model: 'm' }))).toBe('');
});

test.each(['', '[1]', '{"model":', '"x"'])('%s is refused as invalid_json', (text) => {
  expect(() => protocol.scanRequest(Buffer.from(text))).toThrow(
    expect.objectContaining({ code: 'invalid_json', status: 400 }),
  );
});

describe('edits', () => {
  test('change only what they name, whatever else is in the body', () => {
    const body = fc.record(
      { model: fc.string(), input: fc.string(), max_output_tokens: fc.integer({ min: 1 }), extra: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(body, fc.string({ minLength: 1 }), (body, model) => {
        const before = bytes(body);
        const after = protocol.editRequest(before, protocol.scanRequest(before), { model, maxTokens: 7 });
        expect(JSON.parse(after.toString())).toEqual(
          JSON.parse(JSON.stringify({ max_output_tokens: 7, ...body, model })) as JsonObject,
        );
      }),
    );
  });

  test('none leave the same buffer', () => {
    const body = bytes({ model: 'm', input: 'x' });
    expect(protocol.editRequest(body, protocol.scanRequest(body), { model: 'm' })).toBe(body);
  });
});

test('usage and model of a complete answer', () => {
  const usage = { input_tokens: 9, output_tokens: 2, output_tokens_details: { reasoning_tokens: 1 } };
  const body = bytes({ id: 'r', model: 'up', output: [{ model: 'up' }], usage });
  expect(protocol.scanAnswer(body).usage).toEqual({ inputTotal: 9, outputTotal: 2, reasoning: 1 });
  expect(JSON.parse(protocol.renameAnswer(body, 'up', 'fast').toString())).toEqual({
    id: 'r',
    model: 'fast',
    output: [{ model: 'up' }],
    usage,
  });
  expect(protocol.renameAnswer(Buffer.from('[1]'), 'other', 'fast').toString()).toBe('[1]');
});

test('scanAnswer never throws', () => {
  fc.assert(fc.property(fc.uint8Array(), (raw) => void protocol.scanAnswer(Buffer.from(raw))));
  expect(protocol.scanAnswer(Buffer.from('{"usage":null}')).usage).toEqual({});
});
