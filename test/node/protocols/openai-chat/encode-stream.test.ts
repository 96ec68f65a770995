import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../../kit/json.ts';
import type { Answer, StreamEvent } from '../../../../node/conversation/contract.ts';
import type { AnswerContext } from '../../../../node/protocols/contract.ts';
import { protocolFaults } from '../../../../node/protocols/faults.ts';
import { openaiChatProtocol } from '../../../../node/protocols/openai-chat/index.ts';

const context: AnswerContext = {
  model: 'asked-for',
  requestId: 'r1',
  framing: 'sse',
  includeUsage: false,
  nowMs: 1_700_000_000_999,
};

const start: StreamEvent = { type: 'start', id: 'chatcmpl-1', model: 'upstream-name' };
const tool: StreamEvent[] = [
  { type: 'tool_start', id: 'a', name: 'f' },
  { type: 'tool_arguments', json: '{"x"' },
  { type: 'tool_arguments', json: ':1}' },
  { type: 'tool_end' },
  { type: 'tool_start', id: 'b', name: 'g' },
  { type: 'tool_end' },
];

function stream(events: StreamEvent[], change: Partial<AnswerContext> = {}): string[] {
  const encoder = openaiChatProtocol.openEncoder({ ...context, ...change });
  const text = events.map((event) => encoder.push(event)).join('') + encoder.end();
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => event.replace(/^data: /, ''));
}

function choices(data: string[]): JsonObject[] {
  return data
    .filter((one) => one !== '[DONE]')
    .map((one) => (JSON.parse(one) as { choices: JsonObject[] }).choices[0])
    .filter((choice) => choice !== undefined);
}

describe('the chunk stream for a client', () => {
  it('opens with the role, ends with one finish chunk and [DONE], and shares its head', () => {
    const data = stream([start, { type: 'text', text: 'a\n"b"' }, { type: 'finish', reason: 'stop' }]);
    expect(data.at(-1)).toBe('[DONE]');
    expect(choices(data)).toEqual([
      { index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null },
      { index: 0, delta: { content: 'a\n"b"' }, finish_reason: null },
      { index: 0, delta: {}, finish_reason: 'stop' },
    ]);
    for (const one of data.slice(0, -1)) {
      expect(JSON.parse(one)).toMatchObject({
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        created: 1_700_000_000,
        model: 'asked-for',
      });
    }
  });

  it('numbers calls over the whole stream, with the index on every delta (su-kaka/gcli2api#406, CherryHQ/cherry-studio#10958)', () => {
    const deltas = choices(stream([start, ...tool, { type: 'finish', reason: 'tool_calls' }])).map(
      ({ delta }) => delta,
    );
    expect(deltas.slice(1)).toEqual([
      { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"x"' } }] },
      { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
      { tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '' } }] },
      { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
      {},
    ]);
  });

  it('sends the usage chunk only to a client that asked, after the finish, also when it came later', () => {
    const events: StreamEvent[] = [
      start,
      { type: 'text', text: 'a' },
      { type: 'finish', reason: 'stop' },
      { type: 'usage', usage: { inputTotal: 10, outputTotal: 2, cacheRead: 4, cacheWrite: 1, reasoning: 1 } },
    ];
    expect(stream(events).some((one) => one.includes('usage'))).toBe(false);
    const data = stream(events, { includeUsage: true });
    expect(JSON.parse(data.at(-2) ?? '')).toMatchObject({
      choices: [],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 2,
        total_tokens: 12,
        prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 1 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
    });
    for (const one of data.slice(0, -2)) expect(JSON.parse(one)).toHaveProperty('usage', null);
  });

  it('fills in the estimate where no count came', () => {
    const events: StreamEvent[] = [start, { type: 'finish', reason: 'stop' }];
    const data = stream(events, { includeUsage: true, estimatedInputTokens: 33 });
    expect(JSON.parse(data.at(-2) ?? '')).toMatchObject({ usage: { prompt_tokens: 33, completion_tokens: 0 } });
  });

  it('ends at a fault with an error object: no finish chunk, no [DONE], nothing more', () => {
    const fault = protocolFaults.upstream_truncated('cut');
    const data = stream([start, { type: 'text', text: 'a' }, { type: 'fault', fault }, { type: 'text', text: 'b' }]);
    expect(data).toHaveLength(3);
    expect(JSON.parse(data[2] ?? '')).toEqual({
      error: { message: 'cut', type: 'server_error', param: null, code: 'upstream_truncated' },
    });
  });

  it('makes an id of the request’s where the upstream has none, and says nothing for empty deltas', () => {
    const data = stream([
      { type: 'start', id: '', model: '' },
      { type: 'text', text: '' },
      { type: 'finish', reason: 'pause' },
    ]);
    expect(data).toHaveLength(3);
    expect(JSON.parse(data[0] ?? '')).toMatchObject({ id: 'chatcmpl-r1' });
  });

  it.each([
    ['stop', 'stop'],
    ['stop_sequence', 'stop'],
    ['pause', 'stop'],
    ['length', 'length'],
    ['context_window_exceeded', 'length'],
    ['refusal', 'content_filter'],
  ] as const)('says %s as %s', (reason, word) => {
    expect(choices(stream([start, { type: 'finish', reason }])).at(-1)).toMatchObject({ finish_reason: word });
  });

  it('joins a character that an upstream cut between deltas', () => {
    const halves: StreamEvent[] = [
      { type: 'text', text: 'a\ud83d' },
      { type: 'text', text: '\ude00b' },
      { type: 'text', text: 'c\ud83d' },
    ];
    const deltas = choices(stream([start, ...halves, { type: 'finish', reason: 'stop' }])).map(({ delta }) => delta);
    expect(deltas.slice(1, -1)).toEqual([
      { content: 'a' },
      { content: '\u{1f600}b' },
      { content: 'c' },
      { content: '\ufffd' },
    ]);
  });

  it('writes reasoning and its signature, marked with its origin', () => {
    const deltas = choices(
      stream([
        start,
        { type: 'thinking', text: 'hm' },
        { type: 'thinking_signature', signature: 'c2ln' },
        { type: 'finish', reason: 'stop' },
      ]),
    ).map(({ delta }) => delta);
    expect(deltas.slice(1, 3)).toEqual([
      { reasoning_content: 'hm' },
      { reasoning_details: [{ type: 'reasoning.text', text: '', index: 0, signature: 'aiproxy0claude00c2ln' }] },
    ]);
  });
});

describe('a complete answer for a client', () => {
  const answer: Answer = { id: 'x', model: 'm', parts: [], finish: 'stop', usage: { inputTotal: 1, outputTotal: 2 } };

  function messageOf(parts: Answer['parts']): JsonObject {
    const { choices } = openaiChatProtocol.encodeAnswer({ ...answer, parts }, context);
    const first = Array.isArray(choices) ? choices[0] : undefined;
    if (!isJsonObject(first) || !isJsonObject(first['message'])) throw new Error('has no message');
    return first['message'];
  }

  it('has content "" for reasoning alone and null beside calls alone', () => {
    expect(messageOf([{ type: 'thinking', text: 'hm' }])).toMatchObject({ content: '', reasoning_content: 'hm' });
    expect(messageOf([{ type: 'tool_call', id: 'a', name: 'f', argumentsJson: '' }])).toMatchObject({
      content: null,
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
    });
  });

  it('leaves usage out when no count is known', () => {
    expect(openaiChatProtocol.encodeAnswer({ ...answer, usage: {} }, context)).not.toHaveProperty('usage');
    expect(openaiChatProtocol.encodeAnswer(answer, context)).toMatchObject({
      model: 'asked-for',
      usage: { total_tokens: 3 },
    });
  });
});
