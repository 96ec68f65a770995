import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fault, isFault } from '../../../../kit/fault.ts';
import type { JsonObject } from '../../../../kit/json.ts';
import type { Conversation } from '../../../../node/conversation/contract.ts';
import { openaiChatProtocol } from '../../../../node/protocols/openai-chat/index.ts';

const hints = { model: 'm', stream: false };
const user = { role: 'user', content: 'hi' };

function decode(body: JsonObject): Conversation {
  return openaiChatProtocol.decodeRequest({ messages: [user], ...body }, hints);
}

function refusal(body: JsonObject): Fault {
  try {
    decode(body);
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
  throw new Error('was not refused');
}

const toolCall = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };
const tools = [
  { type: 'function', function: { name: 'f', parameters: { type: 'object' } } },
  { type: 'function', function: { name: 'g' } },
];

describe('messages', () => {
  it('take content as a string, a list, null or not at all', () => {
    const { messages } = decode({
      messages: [
        user,
        { role: 'user', content: [{ type: 'text', text: 'a' }, 'b', { type: 'text', text: '' }] },
        { role: 'assistant', content: null },
        { role: 'assistant' },
        { role: 'user', content: '' },
      ],
    });
    expect(messages).toEqual([
      { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    ]);
  });

  it('put leading system and developer messages into the system, later ones where they stand', () => {
    const { system, messages } = decode({
      messages: [
        { role: 'system', content: 'one' },
        { role: 'developer', content: [{ type: 'text', text: 'two' }] },
        user,
        { role: 'system', content: 'three' },
        user,
      ],
    });
    expect(system.map((part) => part.text)).toEqual(['one', 'two']);
    expect(messages.map((message) => message.role)).toEqual(['user', 'system', 'user']);
  });

  it('hold calls beside text, and merge results that follow one another', () => {
    const { messages } = decode({
      messages: [
        user,
        { role: 'assistant', content: 'look', tool_calls: [toolCall, { ...toolCall, id: 'call_2' }] },
        { role: 'tool', tool_call_id: 'call_1', content: 'one' },
        { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'two' }] },
        user,
      ],
    });
    expect(messages.slice(1)).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'text', text: 'look' },
          { type: 'tool_call', id: 'call_1', name: 'f', argumentsJson: '{"a":1}' },
          { type: 'tool_call', id: 'call_2', name: 'f', argumentsJson: '{"a":1}' },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'tool_result', callId: 'call_1', content: [{ type: 'text', text: 'one' }] },
          { type: 'tool_result', callId: 'call_2', content: [{ type: 'text', text: 'two' }] },
        ],
      },
      { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
    ]);
  });

  it('of the deprecated function_call form become calls and results', () => {
    const { messages } = decode({
      messages: [
        user,
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '' } },
        { role: 'function', name: 'f', content: 'done' },
      ],
    });
    expect(messages.slice(1)).toEqual([
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'call_legacy_1', name: 'f', argumentsJson: '{}' }] },
      {
        role: 'user',
        parts: [{ type: 'tool_result', callId: 'call_legacy_1', name: 'f', content: [{ type: 'text', text: 'done' }] }],
      },
    ]);
  });

  it('bring back reasoning, signed where our stream signed it, before the text', () => {
    const glued = {
      role: 'assistant',
      content: 'so',
      reasoning_content: 'hm',
      reasoning_details: [{ type: 'reasoning.text', index: 0, signature: 'aiproxy0claude00c2ln' }],
    };
    expect(decode({ messages: [user, glued] }).messages[1]?.parts).toEqual([
      { type: 'thinking', text: 'hm', signature: 'c2ln' },
      { type: 'text', text: 'so' },
    ]);
  });

  it('hold images by address and by data, with the right media type', () => {
    const image = (image_url: JsonObject | string) => ({ type: 'image_url', image_url });
    const content = [
      image({ url: 'https://e.com/a.png', detail: 'low' }),
      image('https://e.com/b.png'),
      image({ url: 'data:image/JPG;base64,AAAA' }),
      image({ url: 'data:image/svg+xml;charset=utf-8,%3Csvg%2F%3E' }),
    ];
    expect(decode({ messages: [{ role: 'user', content }] }).messages[0]?.parts).toEqual([
      { type: 'image', url: 'https://e.com/a.png', detail: 'low' },
      { type: 'image', url: 'https://e.com/b.png' },
      { type: 'image', mediaType: 'image/jpeg', data: 'AAAA' },
      { type: 'image', mediaType: 'image/svg+xml', data: Buffer.from('<svg/>').toString('base64') },
    ]);
  });

  it('hold audio and files', () => {
    const content = [
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' } },
      { type: 'file', file: { filename: 'a.txt', file_data: `data:text/plain;base64,${btoa('plain')}` } },
    ];
    expect(decode({ messages: [{ role: 'user', content }] }).messages[0]?.parts).toEqual([
      { type: 'audio', format: 'wav', data: 'AAAA' },
      { type: 'document', mediaType: 'application/pdf', data: 'JVBE', name: 'a.pdf' },
      { type: 'document', mediaType: 'text/plain', text: 'plain', name: 'a.txt' },
    ]);
  });

  it('keep cache marks of clients that set them', () => {
    const cache_control = { type: 'ephemeral' };
    const content = [{ type: 'text', text: 'a', cache_control }];
    expect(decode({ messages: [{ role: 'user', content }] }).messages[0]?.parts).toEqual([
      { type: 'text', text: 'a', cacheControl: cache_control },
    ]);
  });

  it.each<[string, JsonObject[], string]>([
    ['no content at all', [], 'messages'],
    ['an unknown role', [{ role: 'robot', content: 'x' }], 'messages[0].role'],
    ['a message that is no object', ['x' as unknown as JsonObject], 'messages[0]'],
    ['content of a wrong type', [{ role: 'user', content: 5 }], 'messages[0].content'],
    ['a part of a wrong type', [{ role: 'user', content: [{ type: 'text', text: 5 }] }], 'messages[0].content[0].text'],
    ['an unknown part', [{ role: 'user', content: [{ type: 'video_url' }] }], 'messages[0].content[0].type'],
    [
      'a file by id',
      [{ role: 'user', content: [{ type: 'file', file: { file_id: 'f' } }] }],
      'messages[0].content[0].file.file_id',
    ],
    [
      'a broken data URL',
      [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:x' } }] }],
      'messages[0].content[0].image_url.url',
    ],
    ['a result without its call’s id', [{ role: 'tool', content: 'x' }], 'messages[0].tool_call_id'],
    ['a past audio answer', [{ role: 'assistant', audio: { id: 'a' } }], 'messages[0].audio'],
    [
      'a custom tool’s call',
      [{ role: 'assistant', tool_calls: [{ id: 'a', type: 'custom', custom: {} }] }],
      'messages[0].tool_calls[0].type',
    ],
  ])('with %s are refused by name', (_, messages, field) => {
    expect(refusal({ messages })).toMatchObject({ status: 400, field });
  });
});

describe('tools', () => {
  it('are carried with their choice', () => {
    expect(decode({ tools, tool_choice: 'required', parallel_tool_calls: false })).toMatchObject({
      tools: [
        { name: 'f', schema: { type: 'object' } },
        { name: 'g', schema: { type: 'object', properties: {} } },
      ],
      toolChoice: { type: 'any' },
      parallelToolCalls: false,
    });
    expect(decode({ tools, tool_choice: { type: 'function', function: { name: 'g' } } }).toolChoice).toEqual({
      type: 'tool',
      name: 'g',
    });
  });

  it('are narrowed by allowed_tools', () => {
    const allowed_tools = { mode: 'required', tools: [{ type: 'function', function: { name: 'g' } }] };
    const { tools: kept, toolChoice } = decode({ tools, tool_choice: { type: 'allowed_tools', allowed_tools } });
    expect(kept.map((tool) => tool.name)).toEqual(['g']);
    expect(toolChoice).toEqual({ type: 'any' });
  });

  it('lose a choice that has none to choose from', () => {
    expect(decode({ tool_choice: 'auto', tools: [] })).not.toHaveProperty('toolChoice');
    expect(decode({ functions: [], function_call: 'auto' }).tools).toEqual([]);
  });

  it.each<[JsonObject, string]>([
    [{ functions: [{ name: 'f' }] }, 'functions'],
    [{ tools: [{ type: 'custom', custom: { name: 'x' } }] }, 'tools[0].type'],
    [{ tools, tool_choice: { type: 'custom', custom: { name: 'x' } } }, 'tool_choice.type'],
    [{ tools, tool_choice: 'sometimes' }, 'tool_choice'],
    [{ tools, tool_choice: { type: 'function', function: { name: 'x' } } }, 'tool_choice.function.name'],
    [{ tools: [{ type: 'function', function: { name: '' } }] }, 'tools[0].function.name'],
  ])('%j are refused by name', (body, field) => {
    expect(refusal(body)).toMatchObject({ status: 400, field });
  });
});

describe('settings', () => {
  it('are carried', () => {
    const schema = { type: 'object' };
    expect(
      decode({
        max_tokens: 5,
        max_completion_tokens: 7,
        temperature: 1.5,
        top_p: 0.5,
        seed: 3,
        stop: ['a', ''],
        response_format: { type: 'json_schema', json_schema: { name: 'n', schema, strict: true } },
        reasoning_effort: 'high',
        prompt_cache_key: 'k',
      }),
    ).toMatchObject({
      maxTokens: 7,
      temperature: 1.5,
      topP: 0.5,
      seed: 3,
      stop: ['a'],
      outputFormat: { type: 'json_schema', name: 'n', schema, strict: true },
      thinking: { mode: 'on', effort: 'high' },
      promptCacheKey: 'k',
      dropped: [],
    });
    expect(decode({ stop: 'x' }).stop).toEqual(['x']);
  });

  it.each<[JsonObject, unknown]>([
    [{ reasoning_effort: 'none' }, { mode: 'off', effort: 'none' }],
    [{ reasoning: { max_tokens: 2000 } }, { mode: 'on', budgetTokens: 2000 }],
    [{ reasoning: { enabled: false } }, { mode: 'off' }],
    [{ thinking: { type: 'enabled', budget_tokens: 1024 } }, { mode: 'on', budgetTokens: 1024 }],
    [{ thinking: { type: 'disabled' } }, { mode: 'off' }],
    [
      { enable_thinking: true, thinking_budget: 9 },
      { mode: 'on', budgetTokens: 9 },
    ],
    [{}, undefined],
  ])('of reasoning: %j', (body, thinking) => {
    expect(decode(body).thinking).toEqual(thinking);
  });

  it('take Cherry Studio’s "[undefined]" as absent (CherryHQ/cherry-studio#10466)', () => {
    const empty = '[undefined]';
    const body = {
      temperature: empty,
      top_p: empty,
      max_tokens: empty,
      n: empty,
      reasoning_effort: empty,
      stop: empty,
      logit_bias: empty,
    };
    const conversation = decode(body);
    expect(conversation).toEqual(decode({}));
  });

  it('report hints that have no place, and nothing that asks for nothing', () => {
    const { dropped } = decode({
      logit_bias: { '50256': -100 },
      user: 'u',
      metadata: { a: 'b' },
      service_tier: 'auto',
      store: false,
      n: 1,
      logprobs: false,
      verbosity: 'low',
      brand_new_field: 1,
      prediction: null,
    });
    expect(dropped.toSorted()).toEqual(['brand_new_field', 'logit_bias', 'metadata', 'user', 'verbosity']);
  });

  it.each<[JsonObject, string, string]>([
    [{ n: 2 }, 'n', 'unsupported_field'],
    [{ logprobs: true }, 'logprobs', 'unsupported_field'],
    [{ modalities: ['text', 'audio'] }, 'modalities', 'unsupported_field'],
    [{ web_search_options: {} }, 'web_search_options', 'unsupported_field'],
    [{ response_format: { type: 'grammar' } }, 'response_format.type', 'unsupported_field'],
    [{ temperature: 3 }, 'temperature', 'invalid_request'],
    [{ max_tokens: 0 }, 'max_tokens', 'invalid_request'],
    [{ stop: [1] }, 'stop[0]', 'invalid_request'],
    [{ messages: 'x' }, 'messages', 'invalid_request'],
  ])('%j are refused by name', (body, field, code) => {
    expect(refusal(body)).toMatchObject({ code, field, status: 400 });
  });

  it('of any kind give a conversation or a 400', () => {
    const names = [
      'messages',
      'tools',
      'tool_choice',
      'stop',
      'n',
      'response_format',
      'thinking',
      'max_tokens',
      'functions',
    ];
    const body = fc.dictionary(fc.constantFrom(...names), fc.jsonValue());
    fc.assert(
      fc.property(body, fc.jsonValue(), (body, content) => {
        try {
          openaiChatProtocol.decodeRequest({ messages: [{ role: 'user', content }], ...body } as JsonObject, hints);
        } catch (error) {
          expect(isFault(error) && error.status).toBe(400);
        }
      }),
    );
  });
});
