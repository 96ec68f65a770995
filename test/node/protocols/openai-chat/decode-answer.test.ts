import { describe, expect, it } from 'vitest';
import { isFault } from '../../../../kit/fault.ts';
import type { JsonObject } from '../../../../kit/json.ts';
import { seededRandom } from '../../../../kit/random.ts';
import { openaiChatDialectWith } from '../../../../node/protocols/openai-chat/index.ts';

const dialect = openaiChatDialectWith(seededRandom(3));

function decode(message: JsonObject, finish: string | null = 'stop', more: JsonObject = {}) {
  return dialect.decodeAnswer({
    id: 'x',
    model: 'm',
    choices: [{ index: 0, message, finish_reason: finish }],
    ...more,
  });
}

function code(body: JsonObject): string {
  try {
    dialect.decodeAnswer(body);
  } catch (error) {
    if (isFault(error)) return error.code;
    throw error;
  }
  return 'none';
}

describe('a complete answer of an upstream', () => {
  it('has reasoning before text before calls', () => {
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{"a":1' } };
    expect(decode({ content: 'so', reasoning_content: 'hm', tool_calls: [call] })).toEqual({
      id: 'x',
      model: 'm',
      parts: [
        { type: 'thinking', text: 'hm' },
        { type: 'text', text: 'so' },
        { type: 'tool_call', id: 'a', name: 'f', argumentsJson: '{"a":1}' },
      ],
      finish: 'tool_calls',
      usage: {},
    });
  });

  it('tells text repeated in reasoning and reasoning_details once', () => {
    const details = [{ type: 'reasoning.text', text: 'hm', signature: 'sig', index: 0 }];
    expect(decode({ content: 'a', reasoning: 'hm', reasoning_details: details }).parts[0]).toEqual({
      type: 'thinking',
      text: 'hm',
      signature: 'aiproxy0openai00sig',
    });
  });

  it('invents ids, drops nameless calls, and reads the deprecated form', () => {
    const { parts } = decode({ tool_calls: [{ function: { name: 'f' } }, { id: 'x', function: { arguments: '{}' } }] });
    expect(parts).toHaveLength(1);
    expect(parts[0]).toMatchObject({
      name: 'f',
      argumentsJson: '{}',
      id: expect.stringMatching(/^call_[a-z0-9]{24}$/),
    });
    expect(decode({ function_call: { name: 'g', arguments: '' } }, 'function_call')).toMatchObject({
      parts: [{ name: 'g', argumentsJson: '{}' }],
      finish: 'tool_calls',
    });
  });

  it('is a refusal with its text where `refusal` is filled', () => {
    expect(decode({ content: null, refusal: 'No.' })).toMatchObject({
      parts: [{ type: 'text', text: 'No.' }],
      finish: 'refusal',
    });
  });

  it('reads the counts of DeepSeek’s cache', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 6 };
    expect(decode({ content: 'a' }, 'stop', { usage }).usage).toEqual({ inputTotal: 10, outputTotal: 1, cacheRead: 6 });
  });

  it('that is none, or holds an error, is a fault', () => {
    expect(code({})).toBe('upstream_bad_answer');
    expect(code({ choices: [] })).toBe('upstream_bad_answer');
    expect(code({ error: { message: 'Provider returned error', code: 502 } })).toBe('upstream_error');
    expect(code({ error: { message: 'slow down', code: 429 } })).toBe('upstream_rate_limited');
    expect(code({ error: null, choices: [{ message: { content: 'a' } }] })).toBe('none');
    expect(code({ choices: [{ message: {}, finish_reason: 'error', error: { message: 'x' } }] })).toBe(
      'upstream_error',
    );
  });
});
