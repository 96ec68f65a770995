import { describe, expect, it } from 'vitest';
import { isFault } from '../../../../kit/fault.ts';
import type { ToolCallPart } from '../../../../node/conversation/contract.ts';
import { fold } from '../../../../node/conversation/fold.ts';
import { call, chunk, decode, sse } from './chunks.ts';

const role = chunk({ role: 'assistant', content: '' });
const done = '[DONE]';

function callsOf(stream: string): ToolCallPart[] {
  return fold(decode(stream)).parts.filter((part) => part.type === 'tool_call');
}

function faultCode(stream: string): string | undefined {
  const last = decode(stream).at(-1);
  return last?.type === 'fault' ? last.fault.code : undefined;
}

describe('a chunk stream', () => {
  it('becomes start, deltas, finish and usage', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 8 } };
    const stream = sse(role, chunk({ content: 'Hi' }), chunk({}, 'stop'), { ...chunk({}), choices: [], usage }, done);
    expect(decode(stream)).toEqual([
      { type: 'start', id: 'chatcmpl-1', model: 'm' },
      { type: 'text', text: 'Hi' },
      { type: 'finish', reason: 'stop' },
      { type: 'usage', usage: { inputTotal: 10, outputTotal: 3, cacheRead: 8 } },
    ]);
  });

  it('counts the last of repeated usage and does not mind null', () => {
    const stream = sse(
      chunk({ content: 'a' }, null, { usage: null }),
      chunk({ content: 'b' }, null, { usage: { prompt_tokens: 5, completion_tokens: 1 } }),
      chunk({}, 'stop', { usage: { prompt_tokens: 5, completion_tokens: 2 } }),
      done,
    );
    expect(fold(decode(stream)).usage).toEqual({ inputTotal: 5, outputTotal: 2 });
  });

  it('leaves out counts that were not given', () => {
    expect(fold(decode(sse(chunk({ content: 'a' }), chunk({}, 'stop'), done))).usage).toEqual({});
  });

  it('skips Azure’s opening chunk without choices', () => {
    const azure = { id: '', model: '', object: '', choices: [], prompt_filter_results: [] };
    expect(decode(sse(azure, chunk({ content: 'a' }), chunk({}, 'stop'), done))[0]).toMatchObject({ id: 'chatcmpl-1' });
  });

  it('reads reasoning in any of its names once, also where two carry the same text', () => {
    const both = { reasoning: 'b', reasoning_details: [{ type: 'reasoning.text', text: 'b', index: 0 }] };
    const stream = sse(
      chunk({ reasoning_content: 'a' }),
      chunk(both),
      chunk({ content: 'c' }),
      chunk({}, 'stop'),
      done,
    );
    expect(fold(decode(stream)).parts).toEqual([
      { type: 'thinking', text: 'ab' },
      { type: 'text', text: 'c' },
    ]);
  });

  it('reads Mistral’s content lists', () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'yes' },
    ];
    expect(fold(decode(sse(chunk({ content }), chunk({}, 'stop'), done))).parts).toEqual([
      { type: 'thinking', text: 'hm' },
      { type: 'text', text: 'yes' },
    ]);
  });

  it('makes text and a refusal of `refusal`', () => {
    const answer = fold(decode(sse(chunk({ refusal: 'No.' }), chunk({}, 'stop'), done)));
    expect(answer).toMatchObject({ parts: [{ type: 'text', text: 'No.' }], finish: 'refusal' });
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'refusal'],
    ['tool_calls', 'stop'],
    ['function_call', 'stop'],
    ['something_new', 'stop'],
  ])('ends a text with finish_reason %s as %s', (word, reason) => {
    expect(fold(decode(sse(chunk({ content: 'a' }), chunk({}, word), done))).finish).toBe(reason);
  });

  it('ends an answer with a call as tool_calls although the upstream said stop', () => {
    const stream = sse(call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }), chunk({}, 'stop'), done);
    expect(fold(decode(stream)).finish).toBe('tool_calls');
  });

  it('drops a second finish and what follows the first', () => {
    const stream = sse(chunk({ content: 'a' }), chunk({}, 'stop'), chunk({ content: 'b' }), chunk({}, 'length'), done);
    expect(fold(decode(stream))).toMatchObject({ parts: [{ text: 'a' }], finish: 'stop' });
  });

  it('is complete without [DONE] when it had its finish reason', () => {
    expect(fold(decode(sse(chunk({ content: 'a' }), chunk({}, 'stop')))).finish).toBe('stop');
  });

  it('is complete with [DONE] although no finish reason came', () => {
    expect(fold(decode(sse(chunk({ content: 'a' }), done))).finish).toBe('stop');
  });

  it.each([
    ['nothing at all', ''],
    ['[DONE] alone', sse(done)],
    ['a text that breaks off', sse(role, chunk({ content: 'a' }))],
    ['usage but no finish', sse(chunk({ content: 'a' }), { choices: [], usage: { prompt_tokens: 1 } })],
  ])('is a truncated answer after %s', (_, stream) => {
    expect(faultCode(stream)).toBe('upstream_truncated');
  });

  it('is a fault at an error object, whatever came before', () => {
    const error = { error: { message: 'The server is overloaded', type: 'server_error', code: 503 } };
    expect(faultCode(sse(role, chunk({ content: 'a' }), error))).toBe('upstream_overloaded');
    expect(
      faultCode(sse(JSON.stringify([{ error: { code: 429, message: 'Quota', status: 'RESOURCE_EXHAUSTED' } }]))),
    ).toBe('upstream_rate_limited');
    expect(faultCode('event: error\ndata: {"message":"boom"}\n\n')).toBe('upstream_error');
    expect(faultCode(sse(chunk({ content: 'a' }), chunk({}, 'error')))).toBe('upstream_error');
  });

  it('is a bad answer where an event is not JSON', () => {
    expect(faultCode(sse('<html>'))).toBe('upstream_bad_answer');
    expect(faultCode(sse('"text"'))).toBe('upstream_bad_answer');
  });

  it('gives faults, never other errors', () => {
    const last = decode(sse('{')).at(-1);
    expect(last?.type === 'fault' && isFault(last.fault)).toBe(true);
  });
});

describe('tool calls in a chunk stream', () => {
  it('are told apart by index when interleaved, and come out one after the other', () => {
    const stream = sse(
      call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
      call({ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '{"x"' } }),
      call({ index: 0, function: { arguments: '{"y":' } }),
      call({ index: 1, function: { arguments: ':1}' } }),
      call({ index: 0, function: { arguments: '2}' } }),
      chunk({}, 'tool_calls'),
      done,
    );
    expect(callsOf(stream)).toEqual([
      { type: 'tool_call', id: 'a', name: 'f', argumentsJson: '{"y":2}' },
      { type: 'tool_call', id: 'b', name: 'g', argumentsJson: '{"x":1}' },
    ]);
  });

  it('are said live while they are not interleaved', () => {
    const first = sse(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"y":2}' } }),
      call({ index: 1, id: 'b', function: { name: 'g', arguments: '{"x"' } }),
    );
    expect(decode(first).slice(1, -1)).toEqual([
      { type: 'tool_start', id: 'a', name: 'f' },
      { type: 'tool_arguments', json: '{"y":2}' },
      { type: 'tool_end' },
      { type: 'tool_start', id: 'b', name: 'g' },
      { type: 'tool_arguments', json: '{"x"' },
    ]);
  });

  it('are two where an upstream repeats index 0 with new ids (langchain-ai/langchain#35281)', () => {
    const stream = sse(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"n":1}' } }),
      call({ index: 0, id: 'b', function: { name: 'f', arguments: '{"n":2}' } }),
      chunk({}, 'tool_calls'),
    );
    expect(callsOf(stream).map((part) => part.argumentsJson)).toEqual(['{"n":1}', '{"n":2}']);
  });

  it('are two where ids and indices are missing (sgl-project/sglang#39782)', () => {
    const stream = sse(
      call({ function: { name: 'f', arguments: '{"n":' } }),
      call({ function: { arguments: '1}' } }),
      call({ function: { name: 'f', arguments: '{"n":2}' } }),
      chunk({}, 'tool_calls'),
    );
    const calls = callsOf(stream);
    expect(calls.map((part) => part.argumentsJson)).toEqual(['{"n":1}', '{"n":2}']);
    expect(new Set(calls.map((part) => part.id)).size).toBe(2);
    for (const { id } of calls) expect(id).toMatch(/^call_[a-zA-Z0-9]{24}$/);
  });

  it('are one where every delta brings a new id or repeats the name', () => {
    const stream = sse(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"n"' } }),
      call({ index: 0, id: 'b', function: { name: '', arguments: ':' } }),
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '1}' } }),
      chunk({}, 'tool_calls'),
    );
    expect(callsOf(stream)).toEqual([{ type: 'tool_call', id: 'a', name: 'f', argumentsJson: '{"n":1}' }]);
  });

  it('wait for a name that comes after the id, and for an id that comes after the name', () => {
    const stream = sse(
      call({ index: 0, id: 'a' }),
      call({ index: 0, function: { name: 'f' } }),
      call({ index: 1, function: { name: 'g' } }),
      call({ index: 1, id: 'b', function: { arguments: '{}' } }),
      chunk({}, 'tool_calls'),
    );
    expect(callsOf(stream).map(({ id, name }) => [id, name])).toEqual([
      ['a', 'f'],
      ['b', 'g'],
    ]);
  });

  it('without a name are dropped, and the answer ends as a text', () => {
    const stream = sse(
      chunk({ content: 'a' }),
      call({ index: 0, id: 'x', function: { arguments: '{}' } }),
      chunk({}, 'tool_calls'),
    );
    expect(fold(decode(stream))).toMatchObject({ parts: [{ type: 'text' }], finish: 'stop' });
  });

  it.each([
    ['', '{}'],
    ['{}', '{}'],
    ['{"big":12345678901234567890}', '{"big":12345678901234567890}'],
    ['{"a":[1,{"b":"c', '{"a":[1,{"b":"c"}]}'],
    ['{"a":', '{"a":null}'],
    ['"{\\"a\\":1}"', '{"a":1}'],
    ['null', '{}'],
    ['[1]', '{"raw_arguments":"[1]"}'],
    ['{"a":1}{"a":1}', '{"a":1}'],
  ])('with arguments %j come out as %j', (sent, expected) => {
    const stream = sse(call({ index: 0, id: 'a', function: { name: 'f', arguments: sent } }), chunk({}, 'tool_calls'));
    expect(callsOf(stream)[0]?.argumentsJson).toBe(expected);
  });

  it('take arguments that begin with an empty object as a placeholder', () => {
    const stream = sse(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }),
      call({ index: 0, function: { arguments: '{"a":' } }),
      call({ index: 0, function: { arguments: '1}' } }),
      chunk({}, 'tool_calls'),
    );
    expect(callsOf(stream)[0]?.argumentsJson).toBe('{"a":1}');
  });

  it('take an object in place of text, and the deprecated function_call', () => {
    const object = sse(call({ index: 0, id: 'a', function: { name: 'f', arguments: { a: 1 } } }), chunk({}, 'stop'));
    const legacy = sse(
      chunk({ function_call: { name: 'f', arguments: '{"a"' } }),
      chunk({ function_call: { arguments: ':1}' } }),
      chunk({}, 'function_call'),
    );
    for (const stream of [object, legacy])
      expect(callsOf(stream)[0]).toMatchObject({ name: 'f', argumentsJson: '{"a":1}' });
  });

  it('keep text that comes in the midst of a call for after it', () => {
    const stream = sse(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"a"' } }),
      chunk({ content: 'meanwhile' }),
      call({ index: 0, function: { arguments: ':1}' } }),
      chunk({ content: ' and then' }),
      chunk({}, 'tool_calls'),
    );
    expect(fold(decode(stream)).parts).toEqual([
      { type: 'tool_call', id: 'a', name: 'f', argumentsJson: '{"a":1}' },
      { type: 'text', text: 'meanwhile and then' },
    ]);
  });

  it('carry Gemini’s thought signature, marked as Gemini’s', () => {
    const extra = { google: { thought_signature: 'AY89' } };
    const stream = sse(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' }, extra_content: extra }),
      chunk({}, 'tool_calls'),
    );
    expect(callsOf(stream)[0]?.signature).toBe('aiproxy0gemini00AY89');
  });

  it('are bounded', () => {
    const many = Array.from({ length: 200 }, (_, index) => call({ index, id: `c${index}`, function: { name: 'f' } }));
    expect(faultCode(sse(...many))).toBe('upstream_bad_answer');
  });
});
