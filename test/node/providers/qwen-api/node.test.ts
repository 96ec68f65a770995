import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import { type QwenUpstream, startQwen } from '../../../upstream/qwen/upstream.ts';
import { type ProviderNode, startProviderNode } from '../provider-node.ts';

const isUsable = (shown: Record<string, unknown>) => (shown['token'] as JsonObject)['state'] === 'usable';

describe('a node with an account at Qwen', () => {
  let service: QwenUpstream;
  let node: ProviderNode | undefined;
  beforeEach(async () => {
    service = await startQwen();
  });
  afterEach(async () => {
    await node?.stop();
    await service.close();
  });

  const startOf = async (fields: Record<string, unknown>) => {
    node = await startProviderNode([{ id: 'q', provider: 'qwen-api', ...fields }]);
    if (fields['api_key'] === undefined) await node.account('q', isUsable);
    return node;
  };
  const start = (kind: 'login' | 'key') => startOf(service.account('q', kind));
  const chat = (at: ProviderNode, more: object = {}) =>
    at.post('/v1/chat/completions', {
      model: 'qwen3-coder-plus',
      messages: [{ role: 'user', content: 'hello' }],
      ...more,
    });

  it('serves a login with what its refresh gave', async () => {
    const answer = await chat(await start('login'));
    expect([answer.status, answer.text.includes('hello')]).toEqual([200, true]);
    expect(service.oauth.families.isGood(service.requests.at(-1)?.key ?? '')).toBe(true);
  });

  it('sends what OpenAI’s client writes for a key as Model Studio takes it', async () => {
    const running = await start('key');
    const client = new OpenAI({ apiKey: running.key, baseURL: `${running.url}/v1`, maxRetries: 0 });
    const answer = await client.chat.completions.create({
      model: 'qwen3-max',
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: 'hello' },
      ],
      store: true,
      service_tier: 'auto',
      user: 'someone',
      max_completion_tokens: 50,
      metadata: { a: 'b' },
    });
    expect(answer.choices[0]?.message.content).toBe('hello');
    expect(service.requests.at(-1)?.json).toEqual({
      model: 'qwen3-max',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hello' },
      ],
      max_tokens: 50,
    });
  });

  it('sorts the calls of a stream whose fragments share an index', async () => {
    service.script('loose=3');
    const running = await start('login');
    const schema = { type: 'object', properties: { lake: { type: 'string' } }, required: ['lake'] };
    const answer = await chat(running, {
      stream: false,
      tools: ['a', 'b', 'c'].map((name) => ({ type: 'function', function: { name, parameters: schema } })),
    });
    const { choices } = JSON.parse(answer.text) as OpenAI.ChatCompletion;
    expect(choices[0]?.message.tool_calls).toHaveLength(3);
    const streamed = await chat(running, {
      stream: true,
      tools: ['a', 'b', 'c'].map((name) => ({ type: 'function', function: { name, parameters: schema } })),
    });
    expect(new Set(streamed.text.match(/"index":[012],"id"/g))).toEqual(
      new Set(['"index":0,"id"', '"index":1,"id"', '"index":2,"id"']),
    );
  });

  it('shows throttling inside a stream as an error, never as the answer', async () => {
    service.script('text=5,error-after=2');
    const { text } = await chat(await start('login'), { stream: true });
    expect(text).toContain('word1');
    expect(text).not.toContain('"content":"Throttling');
    expect(text).not.toContain('error_finish');
    expect(text).toContain('"error"');
  });

  it('reaches the search of the login', async () => {
    const running = await start('login');
    const answer = await running.post('/qwen-api/api/v1/indices/plugin/web_search', { uq: 'Bled', page: 1, rows: 3 });
    expect([answer.status, answer.text.includes('30 metres')]).toEqual([200, true]);
  });
});
