import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../../kit/json.ts';
import type { Conversation, Message } from '../../../../node/conversation/contract.ts';
import type { UpstreamTraits } from '../../../../node/protocols/contract.ts';
import { openaiChatDialect } from '../../../../node/protocols/openai-chat/index.ts';

const hi: Message = { role: 'user', parts: [{ type: 'text', text: 'hi' }] };

function encode(change: Partial<Conversation>, traits: Partial<UpstreamTraits> = {}) {
  const base: Conversation = {
    model: 'm',
    system: [],
    messages: [hi],
    tools: [],
    stop: [],
    stream: false,
    dropped: [],
  };
  return openaiChatDialect.encodeRequest({ ...base, ...change }, { defaultMaxTokens: 4000, ...traits });
}

function messages(list: Message[], traits: Partial<UpstreamTraits> = {}): JsonObject[] {
  return encode({ messages: list }, traits).body['messages'] as JsonObject[];
}

function firstCall(message: JsonObject | undefined): JsonObject {
  const calls = message?.['tool_calls'];
  const first = Array.isArray(calls) ? calls[0] : undefined;
  if (!isJsonObject(first)) throw new Error('has no call');
  return first;
}

const calls: Message = {
  role: 'assistant',
  parts: [
    { type: 'tool_call', id: 'a', name: 'f', argumentsJson: '{"big":12345678901234567890}' },
    { type: 'tool_call', id: 'b', name: 'g', argumentsJson: '{}' },
  ],
};

function result(callId: string, text: string): Message['parts'][number] {
  return { type: 'tool_result', callId, content: [{ type: 'text', text }] };
}

describe('messages for an upstream', () => {
  it('have tool messages directly after their calls, then the user’s text, although the text came first', () => {
    const user: Message = {
      role: 'user',
      parts: [{ type: 'text', text: 'and now' }, result('b', 'two'), result('a', 'one')],
    };
    expect(messages([hi, calls, user])).toEqual([
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'f', arguments: '{"big":12345678901234567890}' } },
          { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: 'one' },
      { role: 'tool', tool_call_id: 'b', content: 'two' },
      { role: 'user', content: 'and now' },
    ]);
  });

  it('answer a call that the client cut off, keep an orphan as text, and take the last of several results', () => {
    const user: Message = { role: 'user', parts: [result('a', 'old'), result('a', 'new'), result('gone', 'lost')] };
    expect(messages([hi, calls, user]).slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'new' },
      { role: 'tool', tool_call_id: 'b', content: 'Error: No result: the call was not carried out.' },
      { role: 'user', content: 'Result of an earlier tool call:\n\nlost' },
    ]);
  });

  it('give each turn its own result where ids come again', () => {
    const turn = (text: string): Message[] => [
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'call_0', name: 'f', argumentsJson: '{}' }] },
      { role: 'user', parts: [result('call_0', text)] },
    ];
    const sent = messages([hi, ...turn('one'), ...turn('two')]);
    expect(sent.filter(({ role }) => role === 'tool').map(({ content }) => content)).toEqual(['one', 'two']);
  });

  it('tell calls apart whose ids come twice in turns that are merged', () => {
    const turn: Message = {
      role: 'assistant',
      parts: [{ type: 'tool_call', id: 'call_0', name: 'f', argumentsJson: '{}' }],
    };
    const sent = messages([hi, turn, turn]);
    const ids = (sent[1]?.['tool_calls'] ?? []) as JsonObject[];
    expect(ids.map(({ id }) => id)).toEqual(['call_0', 'call_0_1']);
    expect(sent.slice(2).map(({ tool_call_id }) => tool_call_id)).toEqual(['call_0', 'call_0_1']);
  });

  it('do not let a system message come between calls and results', () => {
    const system: Message = { role: 'system', parts: [{ type: 'text', text: 's' }] };
    const user: Message = { role: 'user', parts: [result('a', '1'), result('b', '2')] };
    expect(messages([hi, calls, system, user]).map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'tool',
      'system',
    ]);
  });

  it('move images of results into a user message and mark failures', () => {
    const parts: Message['parts'] = [
      {
        type: 'tool_result',
        callId: 'a',
        content: [
          { type: 'text', text: 'see' },
          { type: 'image', mediaType: 'image/png', data: 'AAAA' },
        ],
      },
      { type: 'tool_result', callId: 'b', content: [{ type: 'text', text: 'no such file' }], isError: true },
    ];
    expect(messages([hi, calls, { role: 'user', parts }, hi]).slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'see\n[image: see the next message]' },
      { role: 'tool', tool_call_id: 'b', content: 'Error: no such file' },
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'text', text: 'hi' },
        ],
      },
    ]);
  });

  it('shorten ids that are too long, the same in call and result', () => {
    const id = `toolu_${'x'.repeat(60)}`;
    const sent = messages([
      hi,
      { role: 'assistant', parts: [{ type: 'tool_call', id, name: 'f', argumentsJson: '{}' }] },
      { role: 'user', parts: [result(id, 'r')] },
    ]);
    const shown = firstCall(sent[1])['id'];
    expect(shown).toMatch(/^[a-zA-Z0-9_-]{1,40}$/);
    expect(sent[2]?.['tool_call_id']).toBe(shown);
  });

  it('merge neighbours of one role, join text parts, and begin with a user', () => {
    const said: Message = { role: 'assistant', parts: [{ type: 'text', text: 'a' }] };
    expect(messages([said, said, hi, hi])).toEqual([
      { role: 'user', content: '...' },
      { role: 'assistant', content: 'aa' },
      { role: 'user', content: 'hi\n\nhi' },
    ]);
  });

  it('pass on a trailing assistant message', () => {
    const prefill: Message = { role: 'assistant', parts: [{ type: 'text', text: '{' }] };
    expect(messages([hi, prefill]).at(-1)).toEqual({ role: 'assistant', content: '{' });
  });

  it('leave out past thinking, or send it where the upstream wants it', () => {
    const thought: Message = {
      role: 'assistant',
      parts: [
        { type: 'thinking', text: 'hm', signature: 's' },
        { type: 'text', text: 'a' },
      ],
    };
    expect(messages([hi, thought]).at(-1)).toEqual({ role: 'assistant', content: 'a' });
    expect(encode({ messages: [hi, thought] }).dropped).toEqual(['messages.thinking']);
    expect(messages([hi, thought], { reasoningHistory: 'reasoning_content' }).at(-1)).toEqual({
      role: 'assistant',
      content: 'a',
      reasoning_content: 'hm',
    });
  });

  it('leave out Claude Code’s billing header (musistudio/claude-code-router#1343)', () => {
    const system = ['x-anthropic-billing-header: cc_version=1; cch=abc', 'You are Claude Code.', 'Be brief.'];
    const { body } = encode({ system: system.map((text) => ({ type: 'text', text })) });
    expect((body['messages'] as JsonObject[])[0]).toEqual({
      role: 'system',
      content: 'You are Claude Code.\n\nBe brief.',
    });
  });

  it('replace half surrogates', () => {
    expect(messages([{ role: 'user', parts: [{ type: 'text', text: 'a\ud800b' }] }])[0]?.['content']).toBe('a\ufffdb');
  });

  it('send text documents as text and refuse documents by URL', () => {
    const text: Message = { role: 'user', parts: [{ type: 'document', text: 'body', name: 'a.txt' }] };
    expect(messages([text])[0]?.['content']).toBe('a.txt\n\nbody');
    const url: Message = { role: 'user', parts: [{ type: 'document', url: 'https://e.com/a.pdf' }] };
    expect(() => messages([url])).toThrow(expect.objectContaining({ code: 'unsupported_field', field: 'messages' }));
  });

  it('return Gemini’s signature to a Gemini model alone', () => {
    const signed: Message = {
      role: 'assistant',
      parts: [{ type: 'tool_call', id: 'a', name: 'f', argumentsJson: '{}', signature: 'aiproxy0gemini00AY89' }],
    };
    const callOf = (model: string) => {
      const sent = encode({ model, messages: [hi, signed] }).body['messages'] as JsonObject[];
      return firstCall(sent[1]);
    };
    expect(callOf('gemini-3-pro')).toMatchObject({ extra_content: { google: { thought_signature: 'AY89' } } });
    expect(callOf('gpt-4o')).not.toHaveProperty('extra_content');
  });
});

describe('settings for an upstream', () => {
  it.each<[string, Partial<UpstreamTraits>, string]>([
    ['gpt-4o', {}, 'max_tokens'],
    ['o3-mini', {}, 'max_completion_tokens'],
    ['openai/gpt-5.1', {}, 'max_completion_tokens'],
    ['gpt-5-chat-latest', {}, 'max_completion_tokens'],
    ['gpt-4o', { maxTokensField: 'max_completion_tokens' }, 'max_completion_tokens'],
    ['o3', { maxTokensField: 'max_tokens' }, 'max_tokens'],
    ['olmo-7b', {}, 'max_tokens'],
  ])('bound %s with %j by %s alone', (model, traits, field) => {
    const { body } = encode({ model, maxTokens: 5 }, traits);
    expect(Object.keys(body).filter((key) => key.startsWith('max_'))).toEqual([field]);
  });

  it('ask for usage in streams, where the upstream knows how', () => {
    expect(encode({ stream: true }).body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(encode({ stream: true }, { streamOptions: false }).body).not.toHaveProperty('stream_options');
    expect(encode({}).body).not.toHaveProperty('stream_options');
  });

  it('leave out what reasoning models refuse, and say so', () => {
    const { body, dropped } = encode({ model: 'o3', temperature: 0.2, topP: 0.5 });
    expect(body).not.toHaveProperty('temperature');
    expect(dropped).toEqual(['temperature', 'top_p']);
    expect(
      encode({ model: 'gpt-5.1', temperature: 0.2, thinking: { mode: 'off', effort: 'none' } }).body,
    ).toHaveProperty('temperature', 0.2);
  });

  it('turn a thinking budget into an effort where the model takes one', () => {
    const thinking = { mode: 'on', budgetTokens: 8192 } as const;
    expect(encode({ model: 'gpt-5', thinking }).body).toMatchObject({ reasoning_effort: 'medium' });
    expect(encode({ model: 'gpt-4o', thinking })).toMatchObject({ dropped: ['thinking'] });
    expect(encode({ model: 'gpt-4o', thinking: { mode: 'off' } })).toMatchObject({ dropped: [] });
  });

  it('send the prompt cache key only where it is known', () => {
    expect(encode({ promptCacheKey: 'k' })).toMatchObject({ dropped: ['prompt_cache_key'] });
    expect(encode({ promptCacheKey: 'k' }, { promptCacheKey: true }).body).toMatchObject({ prompt_cache_key: 'k' });
  });

  it('name what the format has no place for', () => {
    const cached: Message = { role: 'user', parts: [{ type: 'text', text: 'a', cacheControl: { type: 'ephemeral' } }] };
    expect(encode({ topK: 5, messages: [cached] }).dropped).toEqual(['top_k', 'cache_control']);
  });

  it('leave out a choice without tools, and complete an empty schema', () => {
    expect(encode({ toolChoice: { type: 'any' } }).body).not.toHaveProperty('tool_choice');
    const { body } = encode({
      tools: [
        { name: 'f', schema: { type: 'object' } },
        { name: 'g', schema: {} },
      ],
      toolChoice: { type: 'any' },
    });
    expect(body['tool_choice']).toBe('required');
    for (const tool of body['tools'] as JsonObject[]) {
      expect(tool['function']).toMatchObject({ parameters: { type: 'object', properties: {} } });
    }
  });
});
