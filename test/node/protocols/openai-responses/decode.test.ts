import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import type { Conversation } from '../../../../node/conversation/contract.ts';
import { openaiResponsesProtocol as protocol } from '../../../../node/protocols/openai-responses/index.ts';

function decode(body: JsonObject): Conversation {
  return protocol.decodeRequest({ input: 'hi', ...body }, { model: 'm', stream: true });
}

const lookup = { type: 'function', name: 'lake_info', parameters: { type: 'object' }, strict: null };

/** A body as Codex sends it, cut to one of each kind. */
const codexBody: JsonObject = {
  model: 'gpt-5-codex',
  instructions: 'You are a coding agent.',
  input: [
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: '<permissions>' }] },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: '<environment_context>' }] },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'fix it' }] },
    { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Look first.' }], encrypted_content: 'gAAAAABo' },
    { type: 'function_call', name: 'shell', arguments: '{"command":["ls"]}', call_id: 'call_1' },
    { type: 'custom_tool_call', status: 'completed', call_id: 'call_2', name: 'apply_patch', input: '*** Begin' },
    { type: 'function_call_output', call_id: 'call_1', output: 'a.txt' },
    { type: 'custom_tool_call_output', call_id: 'call_2', output: [{ type: 'input_text', text: 'Done' }] },
    { type: 'function_call', namespace: 'mcp__docs', name: 'read', arguments: '', call_id: 'call_3' },
    { type: 'function_call_output', call_id: 'call_3', output: { content: 'no such page', success: false } },
    { type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'x' } },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Done.' }], phase: 'final_answer' },
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Mode changed.' }] },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'thanks' }] },
  ],
  tools: [
    { type: 'function', name: 'shell', description: 'Run', strict: false, parameters: { type: 'object' } },
    {
      type: 'custom',
      name: 'apply_patch',
      description: 'Patch files',
      format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
    },
    {
      type: 'namespace',
      name: 'mcp__docs',
      description: 'Docs',
      tools: [{ type: 'function', name: 'read', strict: false, parameters: { type: 'object' } }],
    },
    { type: 'web_search', external_web_access: true },
  ],
  tool_choice: 'auto',
  parallel_tool_calls: true,
  reasoning: { effort: 'medium', summary: 'auto' },
  store: false,
  stream: true,
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: '0199-conversation',
  client_metadata: { 'x-codex-installation-id': 'i' },
};

describe('a request of Codex', () => {
  const conversation = protocol.decodeRequest(codexBody, { model: '', stream: true });

  test('keeps the order of turns, thinking and calls', () => {
    expect(conversation.system.map(({ text }) => text)).toEqual(['You are a coding agent.', '<permissions>']);
    expect(conversation.messages).toEqual([
      {
        role: 'user',
        parts: [
          { type: 'text', text: '<environment_context>' },
          { type: 'text', text: 'fix it' },
        ],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'thinking', text: 'Look first.', signature: 'aiproxy0openai00gAAAAABo' },
          { type: 'tool_call', id: 'call_1', name: 'shell', argumentsJson: '{"command":["ls"]}' },
          { type: 'tool_call', id: 'call_2', name: 'apply_patch', argumentsJson: '{"input":"*** Begin"}' },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'tool_result', callId: 'call_1', content: [{ type: 'text', text: 'a.txt' }] },
          { type: 'tool_result', callId: 'call_2', content: [{ type: 'text', text: 'Done' }] },
        ],
      },
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'call_3', name: 'mcp__docs__read', argumentsJson: '{}' }] },
      {
        role: 'user',
        parts: [
          { type: 'tool_result', callId: 'call_3', content: [{ type: 'text', text: 'no such page' }], isError: true },
        ],
      },
      { role: 'assistant', parts: [{ type: 'text', text: 'Done.' }] },
      { role: 'system', parts: [{ type: 'text', text: 'Mode changed.' }] },
      { role: 'user', parts: [{ type: 'text', text: 'thanks' }] },
    ]);
  });

  test('turns every tool into a function and reports what only OpenAI runs', () => {
    expect(conversation.tools.map(({ name }) => name)).toEqual(['shell', 'apply_patch', 'mcp__docs__read']);
    expect(conversation.tools[1]).toMatchObject({
      description: 'Patch files\n\nThe input must match this grammar (lark):\nstart: "x"',
      schema: { properties: { input: { type: 'string' } }, required: ['input'] },
    });
    expect(conversation.dropped).toEqual(['client_metadata', 'tools.web_search', 'input.web_search_call']);
    expect(conversation.promptCacheKey).toBe('0199-conversation');
  });

  test('brings the calls back in the shape of their declaration', () => {
    const { output } = protocol.encodeAnswer(
      {
        id: 'a',
        model: 'm',
        parts: [
          { type: 'tool_call', id: '1', name: 'shell', argumentsJson: '{}' },
          { type: 'tool_call', id: '2', name: 'apply_patch', argumentsJson: '{"input":"x"}' },
          { type: 'tool_call', id: '3', name: 'mcp__docs__read', argumentsJson: '{}' },
          { type: 'tool_call', id: '4', name: 'apply_patch', argumentsJson: '*** bare text' },
        ],
        finish: 'tool_calls',
        usage: {},
      },
      {
        model: 'm',
        requestId: 'r',
        framing: 'sse',
        includeUsage: false,
        nowMs: 0,
        toolKinds: conversation.toolKinds!,
      },
    );
    expect(output).toMatchObject([
      { type: 'function_call', name: 'shell', call_id: '1' },
      { type: 'custom_tool_call', name: 'apply_patch', input: 'x', call_id: '2' },
      { type: 'function_call', namespace: 'mcp__docs', name: 'read', call_id: '3' },
      { type: 'custom_tool_call', name: 'apply_patch', input: '*** bare text', call_id: '4' },
    ]);
  });
});

describe('tools that the client runs itself', () => {
  const body: JsonObject = {
    tools: [{ type: 'local_shell' }, { type: 'tool_search', execution: 'client', parameters: { type: 'object' } }],
    input: [
      {
        type: 'local_shell_call',
        call_id: 'c1',
        status: 'completed',
        action: { type: 'exec', command: ['ls'], env: {} },
      },
      { type: 'function_call_output', call_id: 'c1', output: 'a' },
      { type: 'tool_search_call', call_id: 'c2', execution: 'client', arguments: { query: 'mail' } },
      { type: 'tool_search_output', call_id: 'c2', execution: 'client', tools: [lookup] },
      { type: 'additional_tools', role: 'developer', tools: [{ type: 'custom', name: 'sql' }] },
    ],
  };

  test('travel as functions; tools that a search found join the list', () => {
    const conversation = decode(body);
    expect(conversation.tools.map(({ name }) => name)).toEqual(['local_shell', 'tool_search', 'lake_info', 'sql']);
    expect(conversation.messages.flatMap(({ parts }) => parts)).toMatchObject([
      { type: 'tool_call', name: 'local_shell', argumentsJson: '{"command":["ls"],"env":{}}' },
      { type: 'tool_result', callId: 'c1' },
      { type: 'tool_call', name: 'tool_search', argumentsJson: '{"query":"mail"}' },
      { type: 'tool_result', callId: 'c2' },
    ]);
  });

  test('come back as items of their own', () => {
    const { toolKinds } = decode(body);
    const context = {
      model: 'm',
      requestId: 'r',
      framing: 'sse',
      includeUsage: false,
      nowMs: 0,
      toolKinds: toolKinds!,
    } as const;
    const parts = [
      { type: 'tool_call', id: '1', name: 'local_shell', argumentsJson: '{"command":["ls","-l"],"timeout_ms":5}' },
      { type: 'tool_call', id: '2', name: 'local_shell', argumentsJson: '{"command":"ls -l"}' },
      { type: 'tool_call', id: '3', name: 'tool_search', argumentsJson: '{"query":"mail"}' },
    ] as const;
    const answer = { id: 'a', model: 'm', parts: [...parts], finish: 'tool_calls', usage: {} } as const;
    expect(protocol.encodeAnswer({ ...answer, parts: [...parts] }, context).output).toMatchObject([
      {
        type: 'local_shell_call',
        call_id: '1',
        action: { type: 'exec', command: ['ls', '-l'], env: {}, timeout_ms: 5 },
      },
      { type: 'local_shell_call', call_id: '2', action: { command: ['bash', '-lc', 'ls -l'] } },
      { type: 'tool_search_call', call_id: '3', execution: 'client', arguments: { query: 'mail' } },
    ]);
  });
});

test('a long name in a namespace is shortened to what upstreams take, always in the same way', () => {
  const namespace = 'mcp__a_very_long_server_name_that_goes_on';
  const name = 'with_an_equally_long_tool_name';
  const tools = [{ type: 'namespace', name: namespace, tools: [{ type: 'function', name }] }];
  const input = [{ type: 'function_call', namespace, name, call_id: 'c', arguments: '{}' }];
  const conversation = decode({ tools, input });
  const travelling = conversation.tools[0]!.name;
  expect(travelling).toMatch(/^[A-Za-z0-9_-]{64}$/);
  expect(conversation.messages[0]!.parts[0]).toMatchObject({ name: travelling });
});

describe('tool_choice', () => {
  const tools = [lookup, { type: 'custom', name: 'sql' }, { type: 'web_search' }];

  test.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'any' }],
    [
      { type: 'function', name: 'lake_info' },
      { type: 'tool', name: 'lake_info' },
    ],
    [
      { type: 'custom', name: 'sql' },
      { type: 'tool', name: 'sql' },
    ],
  ] satisfies [string | JsonObject, JsonObject][])('%j', (tool_choice, expected) => {
    expect(decode({ tools, tool_choice }).toolChoice).toEqual(expected);
  });

  test('allowed_tools narrows the list', () => {
    const tool_choice = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'custom', name: 'sql' }] };
    const conversation = decode({ tools, tool_choice });
    expect(conversation.tools.map(({ name }) => name)).toEqual(['sql']);
    expect(conversation.toolChoice).toEqual({ type: 'any' });
  });

  test('without tools it is left out', () => {
    expect(decode({ tool_choice: 'auto' })).not.toHaveProperty('toolChoice');
    expect(decode({ tools: [{ type: 'web_search' }], tool_choice: 'auto' })).not.toHaveProperty('toolChoice');
  });

  test.each([
    [{ type: 'web_search_preview' }, tools],
    [{ type: 'mcp', server_label: 'x' }, tools],
    ['required', [{ type: 'web_search' }]],
    [{ type: 'allowed_tools', mode: 'required', tools: [{ type: 'image_generation' }] }, tools],
  ] satisfies [string | JsonObject, JsonObject[]][])(
    '%j forces what only OpenAI runs: refused',
    (tool_choice, tools) => {
      expect(() => decode({ tools, tool_choice })).toThrow(
        expect.objectContaining({ code: 'unsupported_field', status: 400 }),
      );
    },
  );
});

describe('what cannot be carried is refused with its field', () => {
  test.each([
    [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
    [{ conversation: 'conv_1' }, 'conversation'],
    [{ background: true }, 'background'],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt'],
    [{ input: [{ type: 'item_reference', id: 'rs_1' }] }, 'input[0]'],
    [{ input: [{ id: 'rs_1' }] }, 'input[0]'],
    [{ input: [{ type: 'compaction', encrypted_content: 'x' }] }, 'input[0]'],
    [{ input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'f' }] }] }, 'input[0].content[0].file_id'],
    [{ input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] }, 'input[0].content[0].file_id'],
  ] satisfies [JsonObject, string][])('%j', (body, field) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: 'unsupported_field', status: 400, field }));
  });

  test.each([
    [{ input: 5 }, 'input'],
    [{ input: [{ role: 'robot', content: 'x' }] }, 'input[0].role'],
    [{ input: [{ role: 'user', content: [{ type: 'hologram' }] }] }, 'input[0].content[0].type'],
    [{ input: [{ type: 'function_call', name: 'x', call_id: 'c' }] }, 'input[0].arguments'],
    [{ max_output_tokens: 0 }, 'max_output_tokens'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].name'],
    [{ tools: [lookup], tool_choice: { type: 'function', name: 'other' } }, 'tool_choice.name'],
    [{ reasoning: { effort: 'huge' } }, 'reasoning.effort'],
    [{ text: { format: { type: 'json_schema' } } }, 'text.format.schema'],
  ] satisfies [JsonObject, string][])('%j', (body, field) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: 'invalid_request', status: 400, field }));
  });
});

test('the refused absence of an input names it', () => {
  expect(() => protocol.decodeRequest({}, { model: 'm', stream: false })).toThrow(
    expect.objectContaining({ field: 'input' }),
  );
});

test('dropped fields are named, nulls and defaults are not', () => {
  const { dropped } = decode({
    metadata: { a: 'b' },
    service_tier: null,
    user: 'u',
    store: true,
    truncation: 'auto',
    include: ['web_search_call.results'],
  });
  expect(dropped).toEqual(['metadata', 'user', 'store', 'truncation', 'include']);
  expect(decode({ truncation: 'disabled', store: false, include: [] }).dropped).toEqual([]);
});

test('effort none switches thinking off; a summary alone changes nothing', () => {
  expect(decode({ reasoning: { effort: 'none' } }).thinking).toEqual({ mode: 'off' });
  expect(decode({ reasoning: { summary: 'auto' } })).not.toHaveProperty('thinking');
});

test('images, refusals and audio are read; empty texts are left out', () => {
  const content = [
    { type: 'input_text', text: '' },
    { type: 'input_image', image_url: 'https://example.org/a.png' },
    { type: 'input_image', image_url: 'data:image/jpg;base64,aGk=' },
    { type: 'input_audio', input_audio: { data: 'aGk=', format: 'wav' } },
    { type: 'input_file', file_url: 'https://example.org/a.pdf' },
    { type: 'input_file', file_data: 'aGk=', filename: 'notes.md' },
  ];
  const input = [
    { role: 'user', content },
    { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
    { role: 'user', content: '' },
  ];
  expect(decode({ input }).messages).toEqual([
    {
      role: 'user',
      parts: [
        { type: 'image', url: 'https://example.org/a.png' },
        { type: 'image', mediaType: 'image/jpeg', data: 'aGk=' },
        { type: 'audio', format: 'wav', data: 'aGk=' },
        { type: 'document', url: 'https://example.org/a.pdf' },
        { type: 'document', data: 'aGk=', mediaType: 'text/plain', name: 'notes.md' },
      ],
    },
    { role: 'assistant', parts: [{ type: 'text', text: 'No.' }] },
  ]);
});

test('names that not every upstream takes travel in another form and come back', () => {
  const name = 'docs.read:page';
  const conversation = decode({
    tools: [{ ...lookup, name }],
    input: [{ type: 'function_call', name, call_id: 'c', arguments: '{}' }],
    tool_choice: { type: 'function', name },
  });
  const [tool] = conversation.tools;
  expect(tool!.name).toMatch(/^docs_read_page_[0-9a-f]{8}$/);
  expect(conversation.messages[0]!.parts[0]).toMatchObject({ name: tool!.name });
  expect(conversation.toolChoice).toEqual({ type: 'tool', name: tool!.name });
  const answer = {
    id: 'a',
    model: 'm',
    parts: [{ type: 'tool_call' as const, id: '1', name: tool!.name, argumentsJson: '{}' }],
    finish: 'tool_calls' as const,
    usage: {},
  };
  const context = { model: 'm', requestId: 'r', framing: 'sse', includeUsage: false, nowMs: 0 } as const;
  const { output } = protocol.encodeAnswer(answer, { ...context, toolKinds: conversation.toolKinds! });
  expect(output).toMatchObject([{ type: 'function_call', name }]);
});

test('names of dropped fields are fit for a header', () => {
  const { dropped } = decode({ ['x\r\ny: z']: 1, ['l'.repeat(100)]: 1 });
  expect(dropped).toEqual(['x??y??z', 'l'.repeat(64)]);
});

test('any body is decoded or refused with a fault of the client', () => {
  const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(...Object.values(codexBody)));
  const types = [
    'message',
    'reasoning',
    'function_call',
    'local_shell_call',
    'tool_search_output',
    'namespace',
    'custom',
  ];
  const item = fc.dictionary(
    fc.constantFrom('type', 'role', 'content', 'name', 'call_id', 'output', 'arguments', 'action', 'tools', 'summary'),
    fc.oneof(value, fc.constantFrom(...types)),
  );
  const body = fc.dictionary(fc.constantFrom(...Object.keys(codexBody)), fc.oneof(value, fc.array(item)));
  fc.assert(
    fc.property(body, (body) => {
      try {
        protocol.decodeRequest(body as JsonObject, { model: 'm', stream: false });
      } catch (error) {
        expect(error).toMatchObject({ name: 'Fault', source: 'client', status: 400 });
      }
    }),
    { numRuns: 500 },
  );
});
