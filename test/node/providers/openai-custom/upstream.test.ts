import { providerEnvironment } from '../../../suites/provider-environment.ts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isFault } from '../../../../kit/fault.ts';
import { isJsonObject, type JsonObject } from '../../../../kit/json.ts';
import { Secret } from '../../../../kit/secret.ts';
import type { Conversation, StreamEvent } from '../../../../node/conversation/contract.ts';
import type { Upstream, UpstreamRequest } from '../../../../node/providers/contract.ts';
import { openaiCustomProvider } from '../../../../node/providers/openai-custom/index.ts';

function open(fields: JsonObject = {}): Upstream {
  const credential = z.parse(openaiCustomProvider.credential, {
    base_url: 'https://api.example.com/v1',
    api_key: 'sk-secret',
    ...fields,
  });
  return openaiCustomProvider.open(
    { id: 'a', provider: 'openai-custom', ...credential },
    providerEnvironment({ defaultMaxTokens: 4000 }),
  );
}

function headersOf(request: UpstreamRequest): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (let at = 0; at < request.headers.length; at += 2) {
    const name = request.headers[at] ?? '';
    expect(pairs).not.toHaveProperty(name);
    pairs[name] = request.headers[at + 1] ?? '';
  }
  return pairs;
}

function bodyOf(request: UpstreamRequest): JsonObject {
  const body: unknown = JSON.parse(String(request.body));
  if (!isJsonObject(body)) throw new Error('is no object');
  return body;
}

const conversation: Conversation = {
  model: 'gpt-4o',
  system: [],
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }],
  tools: [],
  stop: [],
  maxTokens: 9,
  promptCacheKey: 'k',
  stream: true,
  dropped: [],
};

describe('the settings of an account', () => {
  it.each([
    ['https://api.example.com', '/v1/models'],
    ['https://api.example.com/', '/v1/models'],
    ['https://api.example.com/v1', '/v1/models'],
    ['https://api.example.com/v1/', '/v1/models'],
    ['https://openrouter.ai/api/v1', '/api/v1/models'],
    ['http://127.0.0.1:11434/v1', '/v1/models'],
    ['https://x.openai.azure.com/openai/v1?api-version=preview', '/openai/v1/models?api-version=preview'],
  ])('base URL %s puts calls at %s', (base_url, path) => {
    const upstream = open({ base_url });
    expect(upstream.models?.request().path).toBe(path);
    expect(upstream.origin).toBe(new URL(base_url).origin);
  });

  it.each<JsonObject>([
    { base_url: 'ftp://x' },
    { base_url: 'https://user:pass@x' },
    { base_url: 'nonsense' },
    { base_url: null },
    { api_key: '' },
    { max_tokens_field: 'tokens' },
    { headers: { 'bad header': 'x' } },
    { headers: { 'x-a': 'two\r\nlines' } },
    { headers: { Host: 'x' } },
    { unknown_field: 1 },
  ])('%j is refused', (fields) => {
    expect(() => open(fields)).toThrow(z.ZodError);
  });

  it('keep the key out of sight', () => {
    const { data } = z.safeParse(openaiCustomProvider.credential, { base_url: 'http://x', api_key: 'sk-secret' });
    expect(data?.api_key).toBeInstanceOf(Secret);
    expect(JSON.stringify(data)).not.toContain('sk-secret');
  });

  it('may come as text', () => {
    const { data } = z.safeParse(openaiCustomProvider.credential, {
      base_url: 'http://x',
      stream_options: 'false',
      responses: 'true',
    });
    expect(data).toMatchObject({ stream_options: false, responses: true });
  });

  it('need no key', () => {
    const credential = z.parse(openaiCustomProvider.credential, { base_url: 'http://127.0.0.1:1' });
    const upstream = openaiCustomProvider.open(
      { id: 'a', provider: 'openai-custom', ...credential },
      providerEnvironment({ defaultMaxTokens: 1 }),
    );
    expect(headersOf(upstream.probe('m'))).not.toHaveProperty('authorization');
  });
});

describe('requests to the upstream', () => {
  const pass = { body: Buffer.from('{"model":"gpt-4o","n":2}'), model: 'gpt-4o', stream: false, protocolHeaders: [] };

  it('pass bytes through as they are', () => {
    const request = open({ organization: 'org', headers: { 'X-Title': 't' } }).passThrough(
      'openai-chat',
      'generate',
      pass,
    );
    expect(request).toMatchObject({ method: 'POST', path: '/v1/chat/completions' });
    expect(request.body).toBe(pass.body);
    expect(headersOf(request)).toEqual({
      'content-type': 'application/json',
      accept: 'application/json',
      'user-agent': 'aiproxy',
      authorization: 'Bearer sk-secret',
      'openai-organization': 'org',
      'x-title': 't',
    });
  });

  it('go to the path of their operation', () => {
    const upstream = open({ responses: true });
    expect(upstream.passThrough('openai-chat', 'embeddings', pass).path).toBe('/v1/embeddings');
    expect(upstream.passThrough('openai-responses', 'generate', { ...pass, stream: true })).toMatchObject({
      path: '/v1/responses',
      headers: expect.arrayContaining(['accept', 'text/event-stream']),
    });
  });

  it('let the account’s own headers replace ours', () => {
    const headers = headersOf(open({ headers: { Authorization: 'Token x', 'User-Agent': 'mine' } }).probe('m'));
    expect(headers).toMatchObject({ authorization: 'Token x', 'user-agent': 'mine' });
  });

  it('say which dialects go through', () => {
    const speaks = (fields: JsonObject) => open(fields).speaks('openai-responses', 'generate');
    expect(open().speaks('openai-chat', 'generate')).toBe(true);
    expect(open().speaks('openai-chat', 'embeddings')).toBe(true);
    expect(open().speaks('openai-chat', 'count_tokens')).toBe(false);
    expect(open().speaks('anthropic', 'generate')).toBe(false);
    expect(speaks({})).toBe(false);
    expect(speaks({ base_url: 'https://api.openai.com/v1' })).toBe(true);
    expect(speaks({ base_url: 'https://x.openai.azure.com/openai/v1' })).toBe(true);
    expect(speaks({ base_url: 'https://api.openai.com.evil.example/v1' })).toBe(false);
    expect(speaks({ base_url: 'https://api.openai.com/v1', responses: false })).toBe(false);
  });

  it('carry the upstream’s own name for a model, once', () => {
    const upstream = open({ model_map: { 'gpt-4o': 'deployment', deployment: 'never' } });
    expect(upstream.upstreamModel('gpt-4o')).toBe('deployment');
    expect(upstream.upstreamModel('other')).toBe('other');
    expect(bodyOf(upstream.passThrough('openai-chat', 'generate', pass))).toEqual({ model: 'deployment', n: 2 });
    expect(bodyOf(upstream.encode(conversation).request)).toMatchObject({ model: 'deployment' });
    const body = Buffer.from('{"model":"deployment"}');
    expect(upstream.passThrough('openai-chat', 'generate', { ...pass, body, model: 'deployment' }).body).toBe(body);
  });

  it.each([
    '{"stream_options":{"include_usage":true},"model":"m","stream":true}',
    '{"model":"m","stream":true , "stream_options" : {"include_usage":true} }',
    '{"model":"m","stream_options":null,"stream":true}',
  ])('lose stream_options where the upstream does not know them: %s', (text) => {
    const call = { ...pass, body: Buffer.from(text), model: 'm', stream: true };
    expect(bodyOf(open({ stream_options: false }).passThrough('openai-chat', 'generate', call))).toEqual({
      model: 'm',
      stream: true,
    });
    expect(open().passThrough('openai-chat', 'generate', call).body).toBe(call.body);
  });

  it('are translated with the account’s traits', () => {
    const { request, dropped } = open({ stream_options: false, max_tokens_field: 'max_completion_tokens' }).encode(
      conversation,
    );
    expect(request.path).toBe('/v1/chat/completions');
    expect(headersOf(request)).toMatchObject({ accept: 'text/event-stream' });
    expect(bodyOf(request)).toEqual({
      model: 'gpt-4o',
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
      max_completion_tokens: 9,
    });
    expect(dropped).toEqual(['prompt_cache_key']);
    expect(bodyOf(open({ base_url: 'https://api.openai.com' }).encode(conversation).request)).toMatchObject({
      prompt_cache_key: 'k',
      stream_options: { include_usage: true },
    });
  });

  it('probe as cheaply as they can', () => {
    expect(bodyOf(open().probe('gpt-4o'))).toMatchObject({ model: 'gpt-4o', max_tokens: 1 });
    expect(bodyOf(open().probe('o3-mini'))).toMatchObject({ max_completion_tokens: 16 });
    expect(open().probe(undefined)).toMatchObject({ method: 'GET', path: '/v1/models', body: undefined });
  });
});

describe('the transparent route', () => {
  it.each([
    ['https://h/v1', '/v1/files?limit=2', '/v1/files?limit=2'],
    ['https://h/v1', '/files', '/v1/files'],
    ['https://h/api/v1', '/v1/models', '/api/v1/models'],
    ['https://h/api/v1', '/api/v1/models', '/api/v1/models'],
    ['https://h/v1', '/v10/x', '/v1/v10/x'],
    ['https://h/openai/v1?api-version=1', '/models?a=b', '/openai/v1/models?api-version=1&a=b'],
  ])('below %s takes %s to %s', (base_url, path, expected) => {
    const request = { method: 'GET', path, headers: [], body: undefined };
    expect(open({ base_url }).transparent(request).path).toBe(expected);
  });

  it('replaces credentials, hides the client and keeps the rest', () => {
    const body = Buffer.from('raw');
    const headers = Object.entries({
      Authorization: 'Bearer client',
      'x-api-key': 'client',
      Cookie: 'a=b',
      'User-Agent': 'curl',
      'Content-Type': 'text/x',
      'X-Forwarded-For': '1.2.3.4',
      Connection: 'keep-alive',
      Host: 'proxy',
      'OpenAI-Beta': 'assistants=v2',
      'Content-Length': '3',
    }).flat();
    const request = open().transparent({ method: 'PUT', path: '/files/1', headers, body });
    expect(request).toMatchObject({ method: 'PUT', path: '/v1/files/1', body });
    expect(headersOf(request)).toEqual({
      'content-type': 'text/x',
      'openai-beta': 'assistants=v2',
      'user-agent': 'aiproxy',
      authorization: 'Bearer sk-secret',
    });
  });
});

describe('answers of the upstream', () => {
  it('list models in any of the shapes in use', () => {
    const parse = (body: unknown) => open().models?.parse(Buffer.from(JSON.stringify(body)));
    const listed = { id: 'm', created: 5, owned_by: 'o', object: 'model' };
    expect(parse({ object: 'list', data: [listed, {}, 'x'] })).toEqual([{ id: 'm', created: 5, ownedBy: 'o' }]);
    expect(parse([{ id: 'm', display_name: 'M' }])).toEqual([{ id: 'm', displayName: 'M' }]);
    expect(parse({ models: [{ name: 'n' }] })).toEqual([{ id: 'n' }]);
    expect(parse({ data: [{ id: 'm', name: 'Model M' }] })).toEqual([{ id: 'm', displayName: 'Model M' }]);
    expect(() => parse({ error: 'x' })).toThrow(expect.objectContaining({ code: 'upstream_bad_answer' }));
  });

  it('are decoded, or are a bad answer', () => {
    const body = { id: 'x', model: 'm', choices: [{ message: { content: 'a' }, finish_reason: 'stop' }] };
    expect(open().decodeAnswer(Buffer.from(JSON.stringify(body))).parts).toEqual([{ type: 'text', text: 'a' }]);
    for (const bad of ['<html>', '[]', '']) {
      expect(() => open().decodeAnswer(Buffer.from(bad))).toThrow(
        expect.objectContaining({ code: 'upstream_bad_answer' }),
      );
    }
    const events: StreamEvent[] = [];
    open().openDecoder().push(Buffer.from('data: {"choices":[{"delta":{"content":"a"}}]}\n\n'), events);
    expect(events.map((event) => event.type)).toEqual(['start', 'text']);
    expect(isFault(open().readFault(500, {}, Buffer.from('')))).toBe(true);
  });
});
