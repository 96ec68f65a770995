import { describe, expect, it } from 'vitest';
import { isFault } from '../../../../kit/fault.ts';
import type { JsonObject } from '../../../../kit/json.ts';
import { anthropicProtocol } from '../../../../node/protocols/anthropic/index.ts';

const hints = { model: 'up', stream: true };
const hello = [{ role: 'user', content: 'hi' }];

function decode(body: Record<string, unknown>) {
  return anthropicProtocol.decodeRequest({ messages: hello, ...body } as JsonObject, hints);
}

function faultOf(body: Record<string, unknown>) {
  try {
    decode(body);
  } catch (error) {
    if (isFault(error)) return { code: error.code, field: error.field };
  }
  return undefined;
}

describe('decodeRequest', () => {
  it('reads every block that the middle form knows', () => {
    const mark = { type: 'ephemeral' };
    const conversation = decode({
      system: [
        { type: 'text', text: 'x-anthropic-billing-header: cc_version=2; cch=abc;' },
        { type: 'text', text: 'be kind', cache_control: mark },
      ],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look', cache_control: mark },
            { type: 'text', text: '' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
            { type: 'image', source: { type: 'url', url: 'https://x/y.png' } },
            {
              type: 'document',
              title: 'T',
              context: 'C',
              source: { type: 'text', media_type: 'text/plain', data: 'D' },
            },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 'Eq==' },
            { type: 'thinking', thinking: 'ours', signature: 'aiproxy0unsigned' },
            { type: 'redacted_thinking', data: 'zz' },
            { type: 'tool_use', id: 't1', name: 'f', input: { a: 1 } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't1', is_error: true, content: [{ type: 'text', text: 'no' }] },
            { type: 'tool_result', tool_use_id: 't2' },
          ],
        },
        { role: 'system', content: 'note' },
      ],
    });
    expect(conversation.system).toEqual([{ type: 'text', text: 'be kind', cacheControl: mark }]);
    expect(conversation.messages).toEqual([
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'look', cacheControl: mark },
          { type: 'image', mediaType: 'image/png', data: 'AAAA' },
          { type: 'image', url: 'https://x/y.png' },
          { type: 'text', text: 'C' },
          { type: 'document', mediaType: 'text/plain', text: 'D', name: 'T' },
        ],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'thinking', text: 'hm', signature: 'Eq==' },
          { type: 'thinking', text: 'ours' },
          { type: 'redacted_thinking', data: 'zz' },
          { type: 'tool_call', id: 't1', name: 'f', argumentsJson: '{"a":1}' },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'tool_result', callId: 't1', isError: true, content: [{ type: 'text', text: 'no' }] },
          { type: 'tool_result', callId: 't2', content: [] },
        ],
      },
      { role: 'system', parts: [{ type: 'text', text: 'note' }] },
    ]);
  });

  it('reads settings, and reports what has no place', () => {
    const conversation = decode({
      max_tokens: 100,
      temperature: 0.5,
      top_p: '[undefined]',
      top_k: 3,
      stop_sequences: ['a', ''],
      thinking: { type: 'enabled', budget_tokens: 2000 },
      output_config: { effort: 'low', task_budget: 1 },
      tools: [
        { name: 'f', description: 'd', input_schema: { type: 'object' }, strict: true, defer_loading: true },
        { type: 'web_search_20250305', name: 'web_search' },
      ],
      tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true },
      metadata: { user_id: 'u' },
      context_management: { edits: [] },
      service_tier: null,
    });
    expect(conversation).toMatchObject({
      model: 'up',
      stream: true,
      maxTokens: 100,
      temperature: 0.5,
      topK: 3,
      stop: ['a'],
      thinking: { mode: 'on', budgetTokens: 2000 },
      tools: [{ name: 'f', description: 'd', schema: { type: 'object' }, strict: true }],
      toolChoice: { type: 'tool', name: 'f' },
      parallelToolCalls: false,
    });
    expect(conversation.topP).toBeUndefined();
    expect(conversation.dropped.toSorted()).toEqual([
      'context_management',
      'metadata',
      'output_config.effort',
      'output_config.task_budget',
      'tools.defer_loading',
      'tools.web_search_20250305',
    ]);
  });

  it.each<[Record<string, unknown>, object]>([
    [{ thinking: { type: 'disabled' } }, { mode: 'off' }],
    [
      { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
      { mode: 'adaptive', effort: 'high' },
    ],
    [{ output_config: { effort: 'low' } }, { mode: 'adaptive', effort: 'low' }],
  ])('reads thinking from %j', (body, thinking) => {
    expect(decode(body).thinking).toEqual(thinking);
  });

  it('leaves tool_choice out when no tool is left', () => {
    const conversation = decode({ tools: [{ type: 'web_search_20250305', name: 'w' }], tool_choice: { type: 'any' } });
    expect(conversation.toolChoice).toBeUndefined();
    expect(conversation.dropped).toContain('tool_choice');
  });

  it.each<[Record<string, unknown>, string, string]>([
    [{ messages: [] }, 'invalid_request', 'messages'],
    [{ messages: undefined }, 'invalid_request', 'messages'],
    [{ messages: [{ role: 'bot', content: 'x' }] }, 'invalid_request', 'messages[0].role'],
    [{ messages: [{ role: 'user' }] }, 'invalid_request', 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [1] }] }, 'invalid_request', 'messages[0].content[0]'],
    [
      { messages: [{ role: 'user', content: [{ type: 'video' }] }] },
      'unsupported_field',
      'messages[0].content[0].type',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'f' } }] }] },
      'unsupported_field',
      'messages[0].content[0].source.type',
    ],
    [
      { messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'b', input: '{}' }] }] },
      'invalid_request',
      'messages[0].content[0].input',
    ],
    [{ max_tokens: 0 }, 'invalid_request', 'max_tokens'],
    [{ temperature: 'hot' }, 'invalid_request', 'temperature'],
    [
      { tools: [{ name: 'f', input_schema: {} }], tool_choice: { type: 'tool', name: 'g' } },
      'invalid_request',
      'tool_choice.name',
    ],
    [{ tools: [{ type: 'computer_20250124', name: 'computer' }] }, 'unsupported_field', 'tools[0].type'],
    [{ mcp_servers: [{ url: 'x' }] }, 'unsupported_field', 'mcp_servers'],
    [{ thinking: { type: 'maybe' } }, 'invalid_request', 'thinking.type'],
    [{ system: [{ type: 'image' }] }, 'invalid_request', 'system[0].type'],
  ])('refuses %j', (body, code, field) => {
    expect(faultOf(body)).toEqual({ code, field });
  });
});
