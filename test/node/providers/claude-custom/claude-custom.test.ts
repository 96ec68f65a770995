import { providerEnvironment } from '../../../suites/provider-environment.ts';
import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../../../node/conversation/contract.ts';
import { claudeCustomProvider } from '../../../../node/providers/claude-custom/index.ts';
import type { UpstreamRequest } from '../../../../node/providers/contract.ts';

function open(fields: Record<string, unknown> = {}) {
  const credential = claudeCustomProvider.credential.parse({
    base_url: 'http://127.0.0.1:9101',
    api_key: 'k1',
    ...fields,
  });
  return claudeCustomProvider.open(
    { id: 'a', provider: 'claude-custom', ...credential },
    providerEnvironment({ defaultMaxTokens: 4000 }),
  );
}

function headersOf(request: UpstreamRequest): Record<string, string> {
  const pairs = Array.from({ length: request.headers.length / 2 }, (_, index) =>
    request.headers.slice(2 * index, 2 * index + 2),
  );
  expect(new Set(pairs.map(([name]) => name)).size).toBe(pairs.length);
  return Object.fromEntries(pairs) as Record<string, string>;
}

const body = Buffer.from('{"model":"m","messages":[]}');
const call = { body, model: 'm', stream: false, protocolHeaders: [] as string[] };
const conversation: Conversation = {
  model: 'm',
  system: [],
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }],
  tools: [],
  stop: [],
  stream: true,
  dropped: [],
};

describe('claude-custom', () => {
  it.each([
    ['http://127.0.0.1:9101', '/v1/messages', '/v1/files'],
    ['http://127.0.0.1:9101/v1/', '/v1/messages', '/v1/files'],
    ['https://host/api/anthropic', '/api/anthropic/v1/messages', '/api/anthropic/v1/files'],
    ['https://host/api/anthropic/v1?a=b', '/api/anthropic/v1/messages?a=b', '/api/anthropic/v1/files?a=b'],
  ])('finds its paths below %s', (baseUrl, messages, files) => {
    const upstream = open({ base_url: baseUrl });
    expect(upstream.origin).toBe(new URL(baseUrl).origin);
    expect(upstream.passThrough('anthropic', 'generate', call).path).toBe(messages);
    expect(upstream.transparent({ method: 'GET', path: '/v1/files', headers: [], body: undefined }).path).toBe(files);
  });

  it('hands the client’s bytes on with the account’s headers', () => {
    const request = open().passThrough('anthropic', 'generate', { ...call, stream: true });
    expect(request.body).toBe(body);
    expect(headersOf(request)).toEqual({
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'user-agent': 'aiproxy',
      'x-api-key': 'k1',
      'anthropic-version': '2023-06-01',
    });
  });

  it('keeps the client’s version and joins its betas with the account’s', () => {
    const protocolHeaders = ['anthropic-version', '2024-01-01', 'anthropic-beta', 'b, c'];
    const request = open({ beta: 'a,b' }).passThrough('anthropic', 'count_tokens', { ...call, protocolHeaders });
    expect(request.path).toBe('/v1/messages/count_tokens');
    expect(headersOf(request)).toMatchObject({ 'anthropic-version': '2024-01-01', 'anthropic-beta': 'a,b,c' });
  });

  it.each([
    [{}, { 'x-api-key': 'k1' }],
    [{ auth: 'bearer' }, { authorization: 'Bearer k1' }],
    [{ api_key: 'sk-ant-oat01-x' }, { authorization: 'Bearer sk-ant-oat01-x', 'anthropic-beta': 'oauth-2025-04-20' }],
    [{ api_key: 'sk-ant-oat01-x', auth: 'x-api-key' }, { 'x-api-key': 'sk-ant-oat01-x' }],
    [
      { headers: { 'X-Api-Key': 'other', 'anthropic-version': '2025-01-01' } },
      { 'x-api-key': 'other', 'anthropic-version': '2025-01-01' },
    ],
  ])('authorises %j', (fields, expected) => {
    expect(headersOf(open(fields).probe('m'))).toMatchObject(expected);
  });

  it('speaks Anthropic for generation and counting only', () => {
    const upstream = open();
    expect(upstream.speaks('anthropic', 'generate') && upstream.speaks('anthropic', 'count_tokens')).toBe(true);
    expect(upstream.speaks('anthropic', 'embeddings') || upstream.speaks('openai-chat', 'generate')).toBe(false);
  });

  it('cuts foreign thinking out of bytes that go through', () => {
    const marked = Buffer.from(
      '{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"x","signature":"aiproxy0unsigned"},{"type":"text","text":"y"}]}]}',
    );
    const sent = open().passThrough('anthropic', 'generate', { ...call, body: marked }).body as Buffer;
    expect(sent.toString()).toBe('{"messages":[{"role":"assistant","content":[{"type":"text","text":"y"}]}]}');
  });

  it('maps names once, in bytes and in the middle form', () => {
    const upstream = open({ model_map: { m: 'glm', glm: 'wrong' } });
    expect(upstream.upstreamModel('m')).toBe('glm');
    expect(String(upstream.passThrough('anthropic', 'generate', call).body)).toContain('"glm"');
    expect(upstream.encode({ ...conversation, model: 'glm' }).request.body).toContain('"model":"glm"');
  });

  it('writes a conversation as a streamed request', () => {
    const { request, dropped } = open().encode({ ...conversation, seed: 4 });
    expect(dropped).toEqual(['seed']);
    expect(headersOf(request)['accept']).toBe('text/event-stream');
    expect(JSON.parse(request.body as string)).toEqual({
      model: 'm',
      max_tokens: 4000,
      stream: true,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    });
  });

  it('replaces credentials on the transparent route', () => {
    const headers = [
      'content-type',
      'text/plain',
      'authorization',
      'Bearer client',
      'user-agent',
      'curl',
      'anthropic-beta',
      'files',
    ];
    const request = open().transparent({ method: 'DELETE', path: '/v1/files/1?x=1', headers, body: undefined });
    expect(request).toMatchObject({ method: 'DELETE', path: '/v1/files/1?x=1', body: undefined });
    expect(headersOf(request)).toEqual({
      'content-type': 'text/plain',
      'user-agent': 'aiproxy',
      'x-api-key': 'k1',
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'files',
    });
  });

  it('lists models', () => {
    const { models } = open();
    expect(models!.request().path).toBe('/v1/models?limit=1000');
    const page = {
      data: [
        { type: 'model', id: 'claude-x', display_name: 'Claude X', created_at: '2025-02-19T00:00:00Z' },
        { id: 5 },
      ],
      has_more: false,
    };
    expect(models!.parse(Buffer.from(JSON.stringify(page)))).toEqual([
      { id: 'claude-x', displayName: 'Claude X', created: 1_739_923_200 },
    ]);
    expect(() => models!.parse(Buffer.from('<html>'))).toThrow(
      expect.objectContaining({ code: 'upstream_bad_answer' }) as Error,
    );
  });

  it('says what is wrong with an answer without quoting it', () => {
    const decode = (text: string) => () => open().decodeAnswer(Buffer.from(text));
    expect(decode('private words')).toThrow(
      expect.objectContaining({
        code: 'upstream_bad_answer',
        message: expect.not.stringContaining('private') as string,
      }) as Error,
    );
    expect(decode('{}')).toThrow(expect.objectContaining({ code: 'upstream_bad_answer' }) as Error);
    expect(decode('{"type":"error","error":{"type":"overloaded_error","message":"x"}}')).toThrow(
      expect.objectContaining({ code: 'upstream_overloaded' }) as Error,
    );
  });

  it.each([
    [{ base_url: 'ftp://x' }],
    [{ base_url: 'http://u:p@x' }],
    [{ base_url: undefined }],
    [{ auth: 'basic' }],
    [{ colour: 'red' }],
    [{ headers: { host: 'x' } }],
    [{ headers: { a: 'b\r\nc: d' } }],
  ])('refuses the setting %j', (fields) => {
    expect(() => open(fields)).toThrow();
  });

  it('does not print its key', () => {
    const credential = claudeCustomProvider.credential.parse({ base_url: 'http://x', api_key: 'very-secret' });
    expect(JSON.stringify(credential)).not.toContain('very-secret');
  });
});
