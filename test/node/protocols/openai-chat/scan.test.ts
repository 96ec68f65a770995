import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFault } from '../../../../kit/fault.ts';
import { openaiChatProtocol } from '../../../../node/protocols/openai-chat/index.ts';
import { usesMaxCompletionTokens } from '../../../../node/protocols/openai-chat/model-family.ts';

const { scanRequest, editRequest, scanAnswer, renameAnswer } = openaiChatProtocol;

function scan(body: unknown) {
  const bytes = Buffer.from(JSON.stringify(body));
  return { bytes, facts: scanRequest(bytes) };
}

describe('scanRequest', () => {
  it('reads what routing needs', () => {
    const first = { role: 'user', content: 'first "quoted" [text]' };
    const { bytes, facts } = scan({
      messages: [{ role: 'system', content: 's' }, first, { role: 'user', content: 'second' }],
      model: 'gpt-4o',
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 5,
      prompt_cache_key: 'session-1',
    });
    expect(facts).toMatchObject({
      model: 'gpt-4o',
      stream: true,
      hasMaxTokens: true,
      includesUsage: true,
      usesPromptCache: true,
      session: 'session-1',
      bodyStart: 1,
    });
    expect(bytes.toString('utf8', facts.affinityStart, facts.affinityEnd)).toBe(JSON.stringify(first));
    expect(bytes.toString('utf8', facts.modelStart, facts.modelEnd)).toBe('"gpt-4o"');
  });

  it('reads an embeddings body', () => {
    const { facts } = scan({ model: 'text-embedding-3-small', input: ['a', 'b'] });
    expect(facts).toMatchObject({ model: 'text-embedding-3-small', stream: false, affinityEnd: 0, session: undefined });
  });

  it('sees cache marks of clients that speak to Anthropic through this format', () => {
    const content = [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }];
    expect(scan({ model: 'm', messages: [{ role: 'user', content }] }).facts.usesPromptCache).toBe(true);
    expect(scan({ model: 'm', messages: [] }).facts.usesPromptCache).toBe(false);
  });

  it('does not take null for a bound or an option', () => {
    const { facts } = scan({ model: 'm', messages: [], max_tokens: null, stream_options: null, stream: null });
    expect(facts).toMatchObject({ hasMaxTokens: false, includesUsage: false, stream: false });
  });

  it.each(['', '[]', '{', '"text"', '{"model":}'])('refuses %j as invalid_json', (body) => {
    try {
      scanRequest(Buffer.from(body));
      expect.unreachable();
    } catch (error) {
      expect(isFault(error) && error.code).toBe('invalid_json');
    }
  });
});

describe('editRequest', () => {
  const body = fc.record(
    {
      model: fc.string(),
      messages: fc.array(fc.record({ role: fc.constantFrom('system', 'user'), content: fc.string() })),
      stream_options: fc.constantFrom(
        null,
        {},
        { include_usage: false },
        { include_usage: true, include_obfuscation: false },
      ),
      max_tokens: fc.constantFrom(null, 5),
      other: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );

  /** Any name may be that of a reasoning model: `O1` is one. */
  const boundOf = (model: string) => (usesMaxCompletionTokens(model) ? 'max_completion_tokens' : 'max_tokens');

  it('changes what was asked and nothing else', () => {
    fc.assert(
      fc.property(
        body,
        fc.boolean(),
        fc.option(fc.string()),
        fc.constantFrom(undefined, 9),
        (body, includeUsage, name, maxTokens) => {
          const { bytes, facts } = scan(body);
          const edits = {
            includeUsage,
            ...(name === null ? {} : { model: name }),
            ...(maxTokens === undefined ? {} : { maxTokens }),
          };
          const expected: Record<string, unknown> = { ...JSON.parse(bytes.toString()) };
          if (name !== null && name !== facts.model) expected['model'] = name;
          if (includeUsage) expected['stream_options'] = { ...body.stream_options, include_usage: true };
          const edited: unknown = JSON.parse(editRequest(bytes, facts, edits).toString());
          const bound = boundOf(name ?? facts.model);
          if (maxTokens !== undefined && !facts.hasMaxTokens) expected[bound] = maxTokens;
          expect(edited).toEqual(expected);
        },
      ),
      {
        examples: [
          [{ model: 'O1' }, false, null, 9],
          [{ model: 'O1', max_tokens: null }, false, null, 9],
          [{ model: 'm', max_tokens: null }, false, 'o3', 9],
        ],
      },
    );
  });

  it('is the same buffer where nothing changes', () => {
    const { bytes, facts } = scan({ model: 'm', stream_options: { include_usage: true }, max_tokens: 1 });
    expect(editRequest(bytes, facts, { model: 'm', includeUsage: true, maxTokens: 5 })).toBe(bytes);
    expect(editRequest(bytes, facts, {})).toBe(bytes);
  });

  it('bounds a reasoning model by the field that it takes', () => {
    const { bytes, facts } = scan({ model: 'o3-mini' });
    expect(JSON.parse(editRequest(bytes, facts, { maxTokens: 9 }).toString())).toEqual({
      model: 'o3-mini',
      max_completion_tokens: 9,
    });
  });
});

describe('a complete answer', () => {
  it('is scanned for usage, also that of embeddings', () => {
    const usage = { prompt_tokens: 9, completion_tokens: 2, completion_tokens_details: { reasoning_tokens: 1 } };
    expect(scanAnswer(Buffer.from(JSON.stringify({ id: 'a', usage })))).toMatchObject({
      usage: { inputTotal: 9, outputTotal: 2, reasoning: 1 },
    });
    expect(scanAnswer(Buffer.from('{"data":[],"usage":{"prompt_tokens":3,"total_tokens":3}}'))).toMatchObject({
      usage: { inputTotal: 3 },
    });
  });

  it.each(['', '<html>', '{"usage":null}', '{"usage":[]}', '{'])('gives no usage for %j and does not throw', (body) => {
    expect(scanAnswer(Buffer.from(body))).toMatchObject({ usage: {} });
  });

  it('gets the name that the client asked for', () => {
    const body = Buffer.from('{"id":"a","model":"gpt-4o-2024-08-06","choices":[{"x":{"model":"inner"}}]}');
    expect(renameAnswer(body, 'gpt-4o', 'fast').toString()).toBe(body.toString().replace('gpt-4o-2024-08-06', 'fast'));
    expect(renameAnswer(Buffer.from('nonsense'), 'a', 'b').toString()).toBe('nonsense');
  });
});
