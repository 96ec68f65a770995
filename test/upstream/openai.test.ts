import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start, type Upstream, upstreamKey } from './upstream.ts';

const user = (content: unknown) => ({ role: 'user', content });
const call = (id: string) => ({ id, type: 'function', function: { name: 'look', arguments: '{}' } });
const calling = (...ids: string[]) => ({ role: 'assistant', content: null, tool_calls: ids.map(call) });
const answering = (id: string, content: unknown = 'x') => ({ role: 'tool', tool_call_id: id, content });
const tool = (name: string, more = {}) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: {} }, ...more },
});
const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
const hello = [user('hello')];

/** What the API refuses, and a part of what it says. */
const refusals: [name: string, change: Record<string, unknown>, says: string][] = [
  ['an unknown member', { top_k: 1 }, 'Unrecognized request argument supplied: top_k'],
  ['both bounds', { max_tokens: 1, max_completion_tokens: 1 }, 'at the same time is not supported'],
  ['the older bound for a reasoning model', { model: 'gpt-5', max_tokens: 1 }, "Use 'max_completion_tokens' instead"],
  ['a temperature for a reasoning model', { model: 'o3', temperature: 0.5 }, 'Only the default (1) value is supported'],
  ['a temperature above 2', { temperature: 2.5 }, 'decimal above maximum value'],
  ['no messages', { messages: [] }, "Invalid 'messages': empty array"],
  ['an unknown role', { messages: [{ role: 'bot', content: 'x' }] }, "Invalid value: 'bot'"],
  [
    'an unknown member of a message',
    { messages: [{ ...user('x'), cache_control: {} }] },
    "Unknown parameter: 'messages[0].cache_control'",
  ],
  ['no content', { messages: [user(null)] }, 'expected a string, got null'],
  [
    'a tool message without its call',
    { messages: [...hello, answering('c_1')] },
    "must be a response to a preceeding message with 'tool_calls'",
  ],
  [
    'a call without its answer',
    { messages: [...hello, calling('c_1', 'c_2'), answering('c_1'), user('x')] },
    'did not have response messages: c_2',
  ],
  [
    'an answer that does not follow its call',
    { messages: [...hello, calling('c_1'), user('x'), answering('c_1')] },
    'did not have response messages',
  ],
  ['a long id', { messages: [...hello, calling('c'.repeat(41)), answering('c'.repeat(41))] }, 'maximum length 40'],
  [
    'an image in a tool message',
    { messages: [...hello, calling('c_1'), answering('c_1', [image])] },
    "Image URLs are only allowed for messages with role 'user'",
  ],
  [
    'an empty list of calls',
    { messages: [...hello, { role: 'assistant', content: 'x', tool_calls: [] }] },
    'empty array',
  ],
  ['a bad tool name', { tools: [tool('a.b')] }, 'string does not match pattern'],
  ['a long tool name', { tools: [tool('a'.repeat(65))] }, 'maximum length 64'],
  ['no tools', { tools: [] }, "Invalid 'tools': empty array"],
  ['a choice without tools', { tool_choice: 'auto' }, "'tool_choice' is only allowed when 'tools' are specified"],
  ['parallelism without tools', { parallel_tool_calls: false }, "'parallel_tool_calls' is only allowed when"],
  ['a strict tool with an open schema', { tools: [tool('a', { strict: true })] }, "'additionalProperties' is required"],
  ['five stops', { stop: ['a', 'b', 'c', 'd', 'e'] }, 'maximum length 4'],
  [
    'stream options without a stream',
    { stream_options: { include_usage: true } },
    "only allowed when 'stream' is enabled",
  ],
];

describe('the scripted OpenAI API', () => {
  let upstream: Upstream;
  beforeAll(async () => {
    upstream = await start();
  });
  afterAll(() => upstream.close());

  const ask = (change: Record<string, unknown>, key: string = upstreamKey) =>
    fetch(`${upstream.openaiBaseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'gpt-4o-mini', messages: hello, ...change }),
    });

  it.each(refusals)('refuses %s', async (_name, change, says) => {
    const response = await ask(change);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.stringContaining(says) as string },
    });
  });

  it('wants a good key', async () => {
    const response = await ask({}, 'sk-wrong');
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
  });

  it('lets a key carry a script, for an account that always fails', async () => {
    expect((await ask({}, 'sk-upstream:500')).status).toBe(500);
    expect((await ask({}, 'sk-upstream:first=1,503')).status).toBe(503);
    expect((await ask({}, 'sk-upstream:first=1,503')).status).toBe(200);
  });
});
