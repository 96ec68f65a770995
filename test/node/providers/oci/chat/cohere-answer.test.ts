import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../../kit/json.ts';
import type { Answer } from '../../../../../node/conversation/contract.ts';
import { calledConversation, chatRequest, decode, encoded, lakeTool, sse, streamed, whole } from './oci-chat.ts';

const model = 'cohere.command-r-08-2024';
const from = encoded(model, { stream: true, tools: [lakeTool] });
const call = (lake: string): JsonObject => ({ name: 'lake_info', parameters: { lake } });
const piece = (text: string): JsonObject => ({ apiFormat: 'COHERE', text, pad: 'aaa' });
const usage = { promptTokens: 9, completionTokens: 4, totalTokens: 13 };

function last(more: JsonObject): JsonObject {
  return {
    apiFormat: 'COHERE',
    chatHistory: [{ role: 'USER', message: 'x' }],
    finishReason: 'COMPLETE',
    usage,
    ...more,
  };
}

function lakesOf({ parts }: Answer): string[] {
  return parts.flatMap((part) => (part.type === 'tool_call' ? [part.argumentsJson] : []));
}

describe('a COHERE stream', () => {
  it('does not say again what its last event repeats', () => {
    const answer = streamed(from, piece('Lake '), piece('Bled'), last({ text: 'Lake Bled' }));
    expect(answer).toEqual({
      id: expect.stringMatching(/^\w{20}$/) as string,
      model,
      parts: [{ type: 'text', text: 'Lake Bled' }],
      finish: 'stop',
      usage: { inputTotal: 9, outputTotal: 4 },
    });
  });

  it('takes from its last event the calls that have not come before', () => {
    const twice = [call('Bled'), call('Bled')];
    const answer = streamed(
      from,
      piece('I look.'),
      { apiFormat: 'COHERE', toolCalls: twice },
      last({ text: 'I look.', toolCalls: [...twice, call('Bled'), call('Como')] }),
    );
    expect(lakesOf(answer)).toEqual(['Bled', 'Bled', 'Bled', 'Como'].map((lake) => JSON.stringify({ lake })));
    expect(answer.finish).toBe('tool_calls');
  });

  it('knows a repeated call by what it says, not by the order of that', () => {
    const one = { name: 'lake_info', parameters: { a: { b: 1, c: [2] }, d: 3 } };
    const same = { parameters: { d: 3, a: { c: [2], b: 1 } }, name: 'lake_info' };
    expect(lakesOf(streamed(from, { toolCalls: [one] }, last({ toolCalls: [same] })))).toHaveLength(1);
  });

  it('may say everything in one event', () => {
    const answer = streamed(from, last({ text: 'I look.', toolCalls: [call('Bled')] }));
    expect(answer.parts).toMatchObject([{ text: 'I look.' }, { name: 'lake_info', argumentsJson: '{"lake":"Bled"}' }]);
  });

  it.each([
    ['COMPLETE', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['ERROR_LIMIT', 'length'],
    ['ERROR_TOXIC', 'refusal'],
  ])('reads the end %s as %s', (finishReason, finish) => {
    expect(streamed(from, piece('a'), last({ finishReason })).finish).toBe(finish);
  });

  it('fails with what its last event says, and is cut without one', () => {
    const failed = decode(
      from,
      sse(piece('a'), last({ finishReason: 'ERROR', errorMessage: 'backend died', text: 'a' })),
    );
    expect(failed.at(-1)).toMatchObject({ type: 'fault', fault: { message: expect.stringContaining('backend died') } });
    expect(failed.filter(({ type }) => type === 'text')).toHaveLength(1);
    expect(decode(from, sse(piece('a'))).at(-1)).toMatchObject({ fault: { code: 'upstream_truncated' } });
  });

  it('holds no more calls than an honest answer has', () => {
    const toolCalls = Array.from({ length: 129 }, (_, index) => call(String(index)));
    expect(decode(from, sse({ toolCalls })).at(-1)).toMatchObject({ fault: { code: 'upstream_bad_answer' } });
  });

  it('leaves calls without a name out, and takes parameters of any kind', () => {
    const toolCalls = [
      { parameters: {} },
      { name: 'a' },
      { name: 'b', parameters: '{"x":1}' },
      { name: 'c', parameters: 1 },
    ];
    expect(lakesOf(streamed(from, last({ toolCalls })))).toEqual(['{}', '{"x":1}', '{}']);
  });
});

describe('a whole COHERE answer', () => {
  it('is read', () => {
    const chatResponse = last({ text: 'I look.', toolCalls: [call('Bled')] });
    expect(whole(from, { modelId: model, modelVersion: '1', chatResponse })).toMatchObject({
      model,
      parts: [
        { type: 'text', text: 'I look.' },
        { type: 'tool_call', name: 'lake_info' },
      ],
      finish: 'tool_calls',
      usage: { inputTotal: 9, outputTotal: 4 },
    });
  });

  it('may lack anything, but not everything', () => {
    expect(whole(from, { chatResponse: { finishReason: 'MAX_TOKENS' } })).toMatchObject({
      parts: [],
      finish: 'length',
    });
    expect(whole(from, { chatResponse: { text: '' } })).toMatchObject({ parts: [], finish: 'stop', usage: {} });
    expect(() => whole(from, { chatResponse: { apiFormat: 'COHERE' } })).toThrow(/without a message/);
  });
});

describe('ids of calls in the format COHERE', () => {
  const answer = () => whole(from, { chatResponse: last({ toolCalls: [call('Bled'), call('Bled')] }) });
  const idsOf = ({ parts }: Answer) => parts.flatMap((part) => (part.type === 'tool_call' ? [part.id] : []));

  it('are distinct, and the same for the same answer to the same conversation', () => {
    const ids = idsOf(answer());
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^call_[0-9a-f]{24}$/);
    expect(idsOf(answer())).toEqual(ids);
    expect(idsOf(streamed(from, { toolCalls: [call('Bled'), call('Bled')] }, last({})))).toEqual(ids);
  });

  it('are none that the conversation has, also where its beginning is gone', () => {
    const twice = { chatResponse: last({ toolCalls: [call('Bled'), call('Bled')] }) };
    const before = calledConversation('Como');
    const first = whole(encoded(model, { tools: [lakeTool], messages: before }), twice);
    const messages = [...before, { role: 'assistant' as const, parts: first.parts }];
    for (const kept of [messages, messages.slice(3)]) {
      const ids = idsOf(whole(encoded(model, { tools: [lakeTool], messages: kept }), twice));
      expect(ids).toHaveLength(2);
      expect(ids.filter((id) => idsOf(first).includes(id))).toEqual([]);
    }
  });

  it('lead results back to their calls by place', () => {
    const { parts } = answer();
    const results = idsOf(answer()).map((callId, index) => ({
      type: 'tool_result' as const,
      callId,
      content: [{ type: 'text' as const, text: `result ${index}` }],
    }));
    const { toolResults } = chatRequest(model, {
      messages: [
        { role: 'user', parts: [{ type: 'text', text: 'go' }] },
        { role: 'assistant', parts },
        { role: 'user', parts: results.toReversed() },
      ],
    });
    expect(toolResults).toEqual([
      { call: call('Bled'), outputs: [{ output: 'result 0' }] },
      { call: call('Bled'), outputs: [{ output: 'result 1' }] },
    ]);
  });

  it('stand with the names that the client knows', () => {
    const reader = encoded(model, { tools: [{ name: 'lake-info', schema: {} }] });
    const [tool] = (reader.body['chatRequest'] as { tools: { name: string }[] }).tools;
    expect(
      whole(reader, { chatResponse: last({ toolCalls: [{ name: tool!.name, parameters: {} }] }) }).parts,
    ).toMatchObject([{ name: 'lake-info', argumentsJson: '{}' }]);
  });
});
