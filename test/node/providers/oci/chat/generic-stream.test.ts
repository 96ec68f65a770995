import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../../kit/json.ts';
import type { Answer } from '../../../../../node/conversation/contract.ts';
import { decode, encoded, lakeTool, sse, streamed } from './oci-chat.ts';

const from = encoded('xai.grok-4', { stream: true, tools: [lakeTool] });

function said(text: string, more: JsonObject = {}): JsonObject {
  return { index: 0, message: { role: 'ASSISTANT', content: [{ type: 'TEXT', text }] }, pad: 'aaaa', ...more };
}

function calling(...toolCalls: JsonObject[]): JsonObject {
  return { message: { role: 'ASSISTANT', toolCalls }, pad: 'a' };
}

const stop = { finishReason: 'stop', pad: 'aa' };
const finished = { message: { role: 'ASSISTANT', content: [{ type: 'TEXT', text: '' }] }, finishReason: 'tool_calls' };

function callsOf({ parts }: Answer): string[][] {
  return parts.flatMap((part) => (part.type === 'tool_call' ? [[part.id, part.name, part.argumentsJson]] : []));
}

describe('a GENERIC stream', () => {
  it('is read with thoughts, text, usage and its end, pad left aside', () => {
    const events = decode(
      from,
      sse(
        { index: 0, message: { role: 'ASSISTANT', reasoningContent: 'Hm.' }, pad: 'xyz' },
        said('Lake '),
        said('Bled', { usage: { promptTokens: 11 } }),
        { message: { role: 'ASSISTANT', content: [{ type: 'TEXT', text: '' }] }, finishReason: 'stop', pad: 'aa' },
        {
          usage: {
            promptTokens: 11,
            completionTokens: 3,
            totalTokens: 14,
            promptTokensDetails: { cachedTokens: 4 },
            completionTokensDetails: { reasoningTokens: 2 },
          },
        },
        '[DONE]',
      ),
    );
    expect(events).toEqual([
      { type: 'start', id: expect.stringMatching(/^\w{20}$/) as string, model: 'xai.grok-4' },
      { type: 'thinking', text: 'Hm.' },
      { type: 'text', text: 'Lake ' },
      { type: 'text', text: 'Bled' },
      { type: 'usage', usage: { inputTotal: 11 } },
      { type: 'finish', reason: 'stop' },
      { type: 'usage', usage: { inputTotal: 11, outputTotal: 3, cacheRead: 4, reasoning: 2 } },
    ]);
  });

  it('ends whole with a bare finish reason and no [DONE], and with what the finishing event says besides', () => {
    expect(streamed(from, said('a'), stop)).toMatchObject({ finish: 'stop', parts: [{ type: 'text', text: 'a' }] });
    const call = { id: 'c', type: 'FUNCTION', name: 'lake_info', arguments: '{}' };
    const answer = streamed(from, said('a'), { message: { content: 'b', toolCalls: [call] }, finishReason: 'stop' });
    expect(answer.finish).toBe('tool_calls');
    expect(answer.parts[0]).toEqual({ type: 'text', text: 'ab' });
    expect(callsOf(answer)).toEqual([['c', 'lake_info', '{}']]);
  });

  it.each([
    ['no event', ''],
    ['text', sse(said('a'))],
    ['half an event', `${sse(said('a'))}data: {"finishReason":"st`],
    ['nothing but usage', sse({ usage: { promptTokens: 1 } })],
    ['[DONE] alone', sse('[DONE]')],
  ])('that closes after %s is truncated', (_, stream) => {
    const events = decode(from, stream);
    expect(events.at(-1)).toMatchObject({ type: 'fault', fault: { code: 'upstream_truncated' } });
  });

  it('takes [DONE] after content for the end', () => {
    expect(streamed(from, said('a'), '[DONE]').finish).toBe('stop');
  });

  it.each([
    ['stop', 'stop'],
    ['STOP', 'stop'],
    ['length', 'length'],
    ['max_tokens', 'length'],
    ['Content_Filter', 'refusal'],
    ['tool_calls', 'stop'],
    ['something_new', 'stop'],
  ])('reads the end %s as %s', (finishReason, finish) => {
    expect(streamed(from, said('a'), { finishReason }).finish).toBe(finish);
  });

  it('shows a refusal', () => {
    const refusal = { message: { role: 'ASSISTANT', refusal: 'I will not.' } };
    expect(streamed(from, refusal, stop)).toMatchObject({
      finish: 'refusal',
      parts: [{ type: 'text', text: 'I will not.' }],
    });
  });

  it('leaves out counts that are not there, or are none', () => {
    expect(streamed(from, stop, { usage: { promptTokens: 5, completionTokens: null } }).usage).toEqual({
      inputTotal: 5,
    });
    expect(streamed(from, stop, { usage: {} }).usage).toEqual({});
  });
});

describe('calls of a GENERIC stream', () => {
  it('of gpt-oss grow by fragments without ids, one call after another at one place', () => {
    const answer = streamed(
      from,
      calling({ id: 'a', type: 'FUNCTION', name: 'lake_info', arguments: '' }),
      calling({ type: 'FUNCTION', arguments: '{"lake":' }),
      calling({ type: 'FUNCTION', arguments: '"Bled"}' }),
      calling({ id: 'b', type: 'FUNCTION', name: 'lake_info', arguments: '' }),
      calling({ id: null, arguments: '{"lake":"Bohinj"}' }),
      finished,
    );
    expect(callsOf(answer)).toEqual([
      ['a', 'lake_info', '{"lake":"Bled"}'],
      ['b', 'lake_info', '{"lake":"Bohinj"}'],
    ]);
    expect(answer.finish).toBe('tool_calls');
  });

  it('of Grok come whole, each at place 0, and may be repeated under their id', () => {
    const a = { id: 'a', type: 'FUNCTION', name: 'lake_info', arguments: '{"lake":"Bled"}' };
    const b = { id: 'b', type: 'FUNCTION', name: 'lake_info', arguments: '{"lake":"Bled"}' };
    expect(callsOf(streamed(from, calling(a), calling(b), calling(b), finished))).toEqual([
      ['a', 'lake_info', '{"lake":"Bled"}'],
      ['b', 'lake_info', '{"lake":"Bled"}'],
    ]);
  });

  it('of Gemini come whole and without ids, also several alike, in one event and without arguments', () => {
    const call = (lake: string) => ({ type: 'FUNCTION', name: 'lake_info', arguments: JSON.stringify({ lake }) });
    const answer = streamed(
      from,
      { message: { role: 'ASSISTANT', content: [{ type: 'TEXT' }], toolCalls: [call('Bled'), call('Bled')] } },
      calling(call('Bled')),
      calling({ type: 'FUNCTION', name: 'now' }),
      calling({ type: 'FUNCTION', name: 'now', arguments: '' }),
      finished,
    );
    const calls = callsOf(answer);
    expect(calls.map(([, ...rest]) => rest)).toEqual([
      ['lake_info', '{"lake":"Bled"}'],
      ['lake_info', '{"lake":"Bled"}'],
      ['lake_info', '{"lake":"Bled"}'],
      ['now', '{}'],
      ['now', '{}'],
    ]);
    expect(new Set(calls.map(([id]) => id)).size).toBe(5);
    for (const [id] of calls) expect(id).toMatch(/^call_[a-z0-9]{24}$/);
  });

  it('of parallel fragments without ids go to the call at their place', () => {
    const answer = streamed(
      from,
      calling({ id: 'a', name: 'lake_info', arguments: '' }, { id: 'b', name: 'lake_info', arguments: '' }),
      calling({ arguments: '{"lake":"B' }, { arguments: '{"lake":"C' }),
      calling({ arguments: 'led"}' }, { arguments: 'omo"}' }),
      finished,
    );
    expect(callsOf(answer)).toEqual([
      ['a', 'lake_info', '{"lake":"Bled"}'],
      ['b', 'lake_info', '{"lake":"Como"}'],
    ]);
  });

  it('come back under the names that the client knows, and with all digits', () => {
    const name = 'files.read:all';
    const reader = encoded('xai.grok-4', { stream: true, tools: [{ name, schema: {} }] });
    const request = reader.body['chatRequest'] as { tools: { name: string }[] };
    const travelling = request.tools[0]!.name;
    const event = `data: {"message":{"toolCalls":[{"id":"a","name":"${travelling}","arguments":{"id":90071992547409931}}]},"finishReason":"stop"}\n\n`;
    expect(decode(reader, event)).toContainEqual({ type: 'tool_start', id: 'a', name });
    expect(decode(reader, event)).toContainEqual({ type: 'tool_arguments', json: '{"id":90071992547409931}' });
  });
});

describe('errors inside a stream', () => {
  const codeOf = (...events: (JsonObject | string)[]): unknown => {
    const last = decode(from, sse(...events)).at(-1);
    return last?.type === 'fault' ? last.fault.code : last;
  };

  it.each([
    [{ code: 'TooManyRequests', message: 'slow down' }, 'upstream_rate_limited'],
    [{ code: 'InternalServerError', message: 'oops' }, 'upstream_error'],
    [{ code: 'NotAuthenticated', message: 'who' }, 'upstream_unauthorised'],
    [
      { code: '400', message: '{"error":{"message":"Unsupported value","code":"unsupported_value"}}' },
      'upstream_rejected',
    ],
    [
      { code: '400', message: '{"code":"Client specified an invalid argument","error":"Invalid content"}' },
      'upstream_rejected',
    ],
    [{ code: '400', message: '{"message":"{\\"error\\":\\"prompt is too long\\"}"}' }, 'context_too_long'],
    [{ code: '500', message: '{not json' }, 'upstream_error'],
    [{ error: { code: 429, message: 'x' } }, 'upstream_rate_limited'],
    [{ error: 'failed' }, 'upstream_error'],
    [{ finishReason: 'ERROR', errorMessage: 'backend died' }, 'upstream_error'],
    [{ finishReason: 'user_cancel' }, 'upstream_error'],
  ])('%o is the fault %s', (event, code) => {
    expect(codeOf(event)).toBe(code);
    expect(codeOf(said('a'), event, stop)).toBe(code);
  });

  it('tell what the backend said', () => {
    const last = decode(from, sse({ finishReason: 'ERROR', errorMessage: 'backend died' })).at(-1);
    expect(last).toMatchObject({ fault: { message: expect.stringContaining('backend died') } });
  });

  it('never show an OCID', () => {
    const message = 'no access to ocid1.compartment.oc1..aaaabbbb';
    const last = decode(from, sse({ finishReason: 'ERROR', errorMessage: message })).at(-1);
    expect(last).toMatchObject({ fault: { message: expect.not.stringContaining('aaaabbbb') } });
  });

  it('are not said after the end', () => {
    expect(codeOf(said('a'), stop, { code: 'InternalServerError', message: 'late' })).toMatchObject({ type: 'finish' });
  });

  it('include events that are no JSON objects', () => {
    expect(codeOf('nonsense')).toBe('upstream_bad_answer');
    expect(codeOf('[1]')).toBe('upstream_bad_answer');
  });
});
