import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import type { Conversation, Message } from '../../../../node/conversation/contract.ts';
import { anthropicDialect, anthropicProtocol } from '../../../../node/protocols/anthropic/index.ts';

const base: Conversation = {
  model: 'claude-sonnet-4-5',
  system: [],
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }],
  tools: [],
  stop: [],
  stream: false,
  dropped: [],
};
const tool = { name: 'f', schema: { type: 'object', properties: {} } };

function encode(conversation: Partial<Conversation>) {
  return anthropicDialect.encodeRequest({ ...base, ...conversation }, { defaultMaxTokens: 4000 });
}

function messagesOf(messages: Message[]): unknown {
  return encode({ messages }).body['messages'];
}

describe('encodeRequest', () => {
  it('preserves a request that came from an Anthropic client', () => {
    const mark = { type: 'ephemeral', ttl: '1h' };
    const request = {
      model: 'claude-sonnet-4-5',
      max_tokens: 3000,
      stream: true,
      system: [{ type: 'text', text: 'be kind', cache_control: mark }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgoAAA' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: '', signature: 'Eq==' },
            { type: 'tool_use', id: 't1', name: 'f', input: { a: [1, null] } },
            { type: 'tool_use', id: 't2', name: 'f', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'r' }], cache_control: mark },
            { type: 'tool_result', tool_use_id: 't2', is_error: true },
            { type: 'text', text: 'go on' },
          ],
        },
      ],
      tools: [
        { name: 'f', input_schema: { type: 'object', properties: { a: {} } }, description: 'd', cache_control: mark },
      ],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      thinking: { type: 'enabled', budget_tokens: 2000 },
      stop_sequences: ['x'],
    };
    const body = structuredClone(request) as unknown as JsonObject;
    const conversation = anthropicProtocol.decodeRequest(body, { model: request.model, stream: true });
    expect(anthropicDialect.encodeRequest(conversation, { defaultMaxTokens: 1 })).toEqual({
      body: request,
      dropped: [],
    });
  });

  it('answers every call behind it, in order, and keeps sequential calls apart', () => {
    const call = (id: string) => ({ type: 'tool_call' as const, id, name: 'f', argumentsJson: '' });
    const result = (callId: string, text: string) => ({
      type: 'tool_result' as const,
      callId,
      content: [{ type: 'text' as const, text }],
    });
    const messages = messagesOf([
      { role: 'user', parts: [{ type: 'text', text: 'q' }] },
      { role: 'assistant', parts: [call('a')] },
      { role: 'assistant', parts: [call('b')] },
      { role: 'user', parts: [{ type: 'text', text: 'and' }, result('b', '2'), result('a', 'old')] },
      { role: 'user', parts: [result('a', '1'), result('gone', 'orphan')] },
      { role: 'assistant', parts: [call('c')] },
      { role: 'user', parts: [result('c', '3')] },
      { role: 'assistant', parts: [call('d')] },
    ]);
    const use = (id: string) => ({ type: 'tool_use', id, name: 'f', input: {} });
    const answer = (id: string, text: string) => ({
      type: 'tool_result',
      tool_use_id: id,
      content: [{ type: 'text', text }],
    });
    expect(messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'q' }] },
      { role: 'assistant', content: [use('a'), use('b')] },
      {
        role: 'user',
        content: [
          answer('a', '1'),
          answer('b', '2'),
          { type: 'text', text: 'and' },
          { type: 'text', text: 'Result of an earlier tool call:' },
          { type: 'text', text: 'orphan' },
        ],
      },
      { role: 'assistant', content: [use('c')] },
      { role: 'user', content: [answer('c', '3')] },
      { role: 'assistant', content: [use('d')] },
      { role: 'user', content: [{ ...answer('d', 'No result: the call was not carried out.'), is_error: true }] },
    ]);
  });

  it('finds the right result where a client uses ids again', () => {
    const turn = (n: number): Message[] => [
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'call_0', name: 'f', argumentsJson: `{"n":${n}}` }] },
      { role: 'user', parts: [{ type: 'tool_result', callId: 'call_0', content: [{ type: 'text', text: `r${n}` }] }] },
    ];
    expect(JSON.stringify(messagesOf([...base.messages, ...turn(1), ...turn(2)]))).toMatch(/"n":1.*"r1".*"n":2.*"r2"/);
  });

  it('sends only thinking that Anthropic signed', () => {
    const messages = messagesOf([
      ...base.messages,
      {
        role: 'assistant',
        parts: [
          { type: 'thinking', text: 'no signature' },
          { type: 'thinking', text: 'foreign', signature: 'aiproxy0gemini00abc' },
          { type: 'thinking', text: '', signature: 'genuine' },
          { type: 'text', text: 'so' },
        ],
      },
      { role: 'user', parts: [{ type: 'text', text: 'more' }] },
    ]);
    expect((messages as { content: unknown }[])[1]!.content).toEqual([
      { type: 'thinking', thinking: '', signature: 'genuine' },
      { type: 'text', text: 'so' },
    ]);
  });

  it('begins with the user, skips what is empty, and trims a prefill', () => {
    const messages = messagesOf([
      { role: 'assistant', parts: [{ type: 'text', text: 'before' }] },
      { role: 'user', parts: [{ type: 'text', text: ' ' }] },
      { role: 'system', parts: [{ type: 'text', text: 'mind' }] },
      { role: 'assistant', parts: [{ type: 'text', text: 'I say \n' }] },
    ]);
    expect(messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: '(The conversation continues.)' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'before' }] },
      { role: 'user', content: [{ type: 'text', text: '<system-reminder>\nmind\n</system-reminder>' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'I say' }] },
    ]);
    expect(() => messagesOf([])).toThrow(/messages/);
  });

  it('keeps the digits of big integers and repairs cut arguments', () => {
    const call = (argumentsJson: string) =>
      JSON.stringify(
        messagesOf([
          ...base.messages,
          { role: 'assistant', parts: [{ type: 'tool_call', id: 'a b', name: 'f', argumentsJson }] },
        ]),
      );
    expect(call('{"n":12345678901234567890}')).toContain('"id":"a_b","name":"f","input":{"n":12345678901234567890}');
    expect(call('{"a":"x')).toContain('"input":{"a":"x"}');
    expect(call('[1]')).toContain('"input":{"value":[1]}');
    expect(call('not json')).toContain('"input":{"value":"not json"}');
  });

  it.each<[string, Partial<Conversation>, object, string[]]>([
    ['a default bound', {}, { max_tokens: 4000 }, []],
    ['temperature up to 1, without top_p', { temperature: 1.7, topP: 0.5 }, { temperature: 1 }, ['top_p']],
    [
      'no temperature while thinking',
      { temperature: 0.2, maxTokens: 9000, thinking: { mode: 'on', budgetTokens: 2000 } },
      { thinking: { type: 'enabled', budget_tokens: 2000 } },
      ['temperature'],
    ],
    [
      'a budget below the bound',
      { maxTokens: 2000, thinking: { mode: 'on', effort: 'high' } },
      { max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1999 } },
      [],
    ],
    [
      'a default bound above the budget',
      { thinking: { mode: 'on', effort: 'medium' } },
      { max_tokens: 12_192, thinking: { type: 'enabled', budget_tokens: 8192 } },
      [],
    ],
    [
      'effort where the model knows it',
      { model: 'claude-opus-4-6', thinking: { mode: 'adaptive', effort: 'high' } },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
      [],
    ],
    [
      'native output formats',
      { outputFormat: { type: 'json_schema', schema: { type: 'object' }, strict: true } },
      { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
      [],
    ],
    [
      'calls one at a time',
      { tools: [tool], parallelToolCalls: false },
      { tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
      [],
    ],
    [
      'what has no place',
      { seed: 1, presencePenalty: 1, frequencyPenalty: 1, promptCacheKey: 'k', stop: [' ', 'x'] },
      { stop_sequences: ['x'] },
      ['stop', 'seed', 'presence_penalty', 'frequency_penalty', 'prompt_cache_key'],
    ],
  ])('writes %s', (_, conversation, expected, dropped) => {
    const encoded = encode(conversation);
    expect(encoded.body).toMatchObject(expected);
    expect(encoded.dropped).toEqual(dropped);
  });

  it.each<[string, Partial<Conversation>]>([
    ['a bound that leaves no room', { maxTokens: 500, thinking: { mode: 'on', effort: 'low' } }],
    ['a forced call', { tools: [tool], toolChoice: { type: 'any' }, thinking: { mode: 'on' } }],
    [
      'a tool loop that lost its thinking',
      {
        thinking: { mode: 'on' },
        messages: [
          ...base.messages,
          { role: 'assistant', parts: [{ type: 'tool_call', id: 'a', name: 'f', argumentsJson: '{}' }] },
        ],
      },
    ],
  ])('switches thinking off for %s', (_, conversation) => {
    const { body, dropped } = encode(conversation);
    expect(body['thinking']).toBeUndefined();
    expect(dropped).toEqual(['thinking']);
  });

  it('instructs models that know no output format', () => {
    const { body } = encode({ model: 'glm-4.6', outputFormat: { type: 'json_schema', schema: { a: 1 } } });
    expect(body['output_config']).toBeUndefined();
    expect(JSON.stringify(body['system'])).toContain('{\\"a\\":1}');
  });

  it('reads image types off the bytes and refuses what cannot be carried', () => {
    const image = (part: object) => () => messagesOf([{ role: 'user', parts: [{ type: 'image', ...part }] }]);
    expect(JSON.stringify(image({ mediaType: 'image/png', data: '/9j/AAA' })())).toContain('"media_type":"image/jpeg"');
    expect(JSON.stringify(image({ url: 'data:image/jpg;base64,AAAA' })())).toContain(
      '"media_type":"image/jpeg","data":"AAAA"',
    );
    expect(image({ mediaType: 'image/tiff', data: 'AAAA' })).toThrow(
      expect.objectContaining({ code: 'unsupported_field' }) as Error,
    );
    const audio = () => messagesOf([{ role: 'user', parts: [{ type: 'audio', format: 'wav', data: 'A' }] }]);
    expect(audio).toThrow(expect.objectContaining({ code: 'unsupported_field', status: 400 }) as Error);
    expect(() => encode({ tools: [{ name: 'a.b', schema: {} }] })).toThrow(
      expect.objectContaining({ field: 'tools[0].name' }) as Error,
    );
  });
});
