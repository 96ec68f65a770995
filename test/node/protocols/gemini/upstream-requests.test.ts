import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import type { Conversation } from '../../../../node/conversation/contract.ts';
import { encodeRequest } from '../../../../node/protocols/gemini/upstream.ts';
import { anyHistory, anySchema } from '../../../suites/any-conversation.ts';
import { checkConfig } from '../../../upstream/gemini/check-config.ts';
import { checkContents } from '../../../upstream/gemini/check-contents.ts';
import { checkTools } from '../../../upstream/gemini/check-tools.ts';

const base: Conversation = {
  model: 'gemini-3-pro-preview',
  system: [],
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'hello' }] }],
  tools: [],
  stop: [],
  stream: false,
  dropped: [],
};
const encode = (more: Partial<Conversation>) => encodeRequest({ ...base, ...more });

describe('a request for Gemini', () => {
  it('is one that it takes, however its history was cut or shuffled', () => {
    fc.assert(
      fc.property(anyHistory, fc.constantFrom('gemini-2.5-flash', 'gemini-3-pro-preview'), (messages, model) => {
        const { body } = encode({ model, messages });
        expect(() => checkContents(body['contents'], model)).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });

  it('has tools that it takes, whatever their schemas say', () => {
    fc.assert(
      fc.property(anySchema, fc.string({ minLength: 1, maxLength: 80 }), (schema, name) => {
        const { body, toolNames } = encode({
          tools: [{ name, description: 'd', schema: schema as JsonObject }],
          toolChoice: { type: 'tool', name },
        });
        expect(() => checkTools(body, base.model)).not.toThrow();
        const sent = JSON.stringify(body['toolConfig']);
        expect(sent.includes(JSON.stringify(name)) || [...toolNames.values()].includes(name)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('has an answer’s schema that it takes', () => {
    fc.assert(
      fc.property(anySchema, (schema) => {
        const { body } = encode({ outputFormat: { type: 'json_schema', schema: schema as JsonObject } });
        expect(() => checkConfig(body, base.model)).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });

  it('bounds its answer by what any model can give', () => {
    expect(encode({ maxTokens: 200_000 }).body['generationConfig']).toEqual({ maxOutputTokens: 65_536 });
    expect(encode({ maxTokens: 5 }).body['generationConfig']).toEqual({ maxOutputTokens: 5 });
  });

  it('holds at most five stop sequences, and none that is empty', () => {
    expect(encode({ stop: ['', 'END'] }).body['generationConfig']).toEqual({ stopSequences: ['END'] });
    expect(() => encode({ stop: ['1', '2', '3', '4', '5', '6'] })).toThrow(expect.objectContaining({ field: 'stop' }));
  });

  it('tells what it cannot carry', () => {
    const { dropped } = encode({
      parallelToolCalls: false,
      promptCacheKey: 'k',
      tools: [{ name: 'a', schema: {}, cacheControl: { type: 'ephemeral' } }],
      messages: [...base.messages, { role: 'assistant', parts: [{ type: 'thinking', text: 'mine' }] }],
    });
    expect(dropped.toSorted()).toEqual(['cache_control', 'messages.thinking', 'parallel_tool_calls', 'prompt_cache_key']);
  }); // prettier-ignore
});
