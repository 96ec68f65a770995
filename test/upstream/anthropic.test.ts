import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signThinking } from './signature.ts';
import { start, type Upstream, upstreamKey } from './upstream.ts';

const user = (content: unknown) => ({ role: 'user', content });
const assistant = (content: unknown) => ({ role: 'assistant', content });
const use = (id: string) => ({ type: 'tool_use', id, name: 'look', input: {} });
const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'x' });
const schema = { type: 'object', properties: {} };
const hello = [user('hello')];
const png = { type: 'base64', media_type: 'image/jpeg', data: 'iVBORw0KGgo=' };

/** What the API refuses, and a part of what it says. */
const refusals: [name: string, change: Record<string, unknown>, says: string][] = [
  ['an unknown member', { foo: 1 }, 'foo: Extra inputs are not permitted'],
  ['a beta member without its header', { context_management: {} }, 'context_management: Extra inputs'],
  ['no bound', { max_tokens: undefined }, 'max_tokens: Field required'],
  ['no model', { model: undefined }, 'model: Field required'],
  ['no messages', { messages: [] }, 'at least one message is required'],
  ['an assistant first', { messages: [assistant('x')] }, 'first message must use the "user" role'],
  ['a system message first', { messages: [{ role: 'system', content: 'x' }, user('x')] }, 'first message'],
  [
    'an unknown role',
    { messages: [{ role: 'tool', content: 'x' }] },
    "messages.0.role: Input should be 'user' or 'assistant'",
  ],
  ['empty text', { messages: [user([{ type: 'text', text: '' }])] }, 'text content blocks must be non-empty'],
  ['blank text', { messages: [user([{ type: 'text', text: ' \n' }])] }, 'must contain non-whitespace text'],
  ['an empty message', { messages: [user('')] }, 'all messages must have non-empty content'],
  ['a prefill that ends in a blank', { messages: [...hello, assistant('so ')] }, 'cannot end with trailing whitespace'],
  [
    'an odd member of a block',
    { messages: [user([{ type: 'text', text: 'x', index: 0 }])] },
    'messages.0.content.0.text.index: Extra inputs',
  ],
  [
    'a call without its result',
    { messages: [...hello, assistant([use('t_1')]), user('x')] },
    '`tool_use` ids were found without `tool_result` blocks immediately after: t_1',
  ],
  [
    'a result without its call',
    { messages: [user([result('t_1')])] },
    'unexpected `tool_use_id` found in `tool_result` blocks: t_1',
  ],
  [
    'text before results',
    { messages: [...hello, assistant([use('t_1')]), user([{ type: 'text', text: 'x' }, result('t_1')])] },
    'without `tool_result` blocks immediately after',
  ],
  [
    'two results for a call',
    { messages: [...hello, assistant([use('t_1')]), user([result('t_1'), result('t_1')])] },
    'single result',
  ],
  [
    'a bad id',
    { messages: [...hello, assistant([use('a:b')]), user([result('a:b')])] },
    "String should match pattern '^[a-zA-Z0-9_-]+$'",
  ],
  [
    'arguments that are no object',
    { messages: [...hello, assistant([{ ...use('t_1'), input: '{}' }]), user([result('t_1')])] },
    'Input should be a valid dictionary',
  ],
  [
    'a bad tool name',
    { tools: [{ name: 'a.b', input_schema: schema }] },
    'tools.0.custom.name: String should match pattern',
  ],
  ['a tool without a schema', { tools: [{ name: 'a' }] }, 'input_schema: Field required'],
  [
    'two tools of one name',
    {
      tools: [
        { name: 'a', input_schema: schema },
        { name: 'a', input_schema: schema },
      ],
    },
    'Tool names must be unique',
  ],
  ['a choice without tools', { tool_choice: { type: 'auto' } }, 'may only be specified while providing tools'],
  [
    'forged thinking',
    { messages: [...hello, assistant([{ type: 'thinking', thinking: 'x', signature: 'forged' }]), user('x')] },
    'Invalid `signature` in `thinking` block',
  ],
  [
    'unsigned thinking',
    { messages: [...hello, assistant([{ type: 'thinking', thinking: 'x' }]), user('x')] },
    'signature: Field required',
  ],
  [
    'a thinking budget above the bound',
    { thinking: { type: 'enabled', budget_tokens: 2000 } },
    '`max_tokens` must be greater than `thinking.budget_tokens`',
  ],
  [
    'thinking with a forced tool',
    {
      max_tokens: 4000,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      tools: [{ name: 'a', input_schema: schema }],
      tool_choice: { type: 'any' },
    },
    'Thinking may not be enabled',
  ],
  [
    'a tool loop whose thinking was dropped',
    {
      max_tokens: 4000,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      messages: [...hello, assistant([use('t_1')]), user([result('t_1')])],
    },
    'Expected `thinking` or `redacted_thinking`',
  ],
  ['a temperature above 1', { temperature: 1.5 }, 'temperature: range: 0..1'],
  ['temperature beside top_p', { temperature: 0.5, top_p: 0.5 }, 'cannot both be specified'],
  ['a blank stop sequence', { stop_sequences: ['\n'] }, 'must contain non-whitespace'],
  [
    'an image of another kind',
    { messages: [user([{ type: 'image', source: png }])] },
    'Image does not match the provided media type',
  ],
  ['an open output schema', { output_config: { format: { type: 'json_schema', schema } } }, 'additionalProperties'],
];

describe('the scripted Messages API', () => {
  let upstream: Upstream;
  beforeAll(async () => {
    upstream = await start();
  });
  afterAll(() => upstream.close());

  const ask = (change: Record<string, unknown>, headers: Record<string, string> = {}) =>
    fetch(`${upstream.anthropicBaseUrl}/v1/messages`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': upstreamKey,
        'anthropic-version': '2023-06-01',
        ...headers,
      },
      body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 100, messages: hello, ...change }),
    });

  it.each(refusals)('refuses %s', async (_name, change, says) => {
    const response = await ask(change);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining(says) as string },
    });
  });

  it('refuses sampling since version 2026-10-21', async () => {
    const response = await ask({ temperature: 1 }, { 'anthropic-version': '2026-10-21' });
    expect(await response.text()).toContain('temperature: Extra inputs are not permitted');
  });

  it('wants a key and a version', async () => {
    expect((await ask({}, { 'x-api-key': 'wrong' })).status).toBe(401);
    const { status } = await fetch(`${upstream.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': upstreamKey },
      body: '{}',
    });
    expect(status).toBe(400);
  });

  it('takes beta members with their header', async () => {
    const response = await ask({ context_management: {} }, { 'anthropic-beta': 'context-management-2025-06-27' });
    expect(response.status).toBe(200);
  });

  it('takes its own thinking back', async () => {
    const genuine = { type: 'thinking', thinking: 'mine', signature: signThinking('mine') };
    const response = await ask({ messages: [...hello, assistant([genuine, use('t_1')]), user([result('t_1')])] });
    expect(response.status).toBe(200);
  });
});
