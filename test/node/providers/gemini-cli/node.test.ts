import { GoogleGenAI, type Content } from '@google/genai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import { type GeminiUpstream, startGemini } from '../../../upstream/gemini/upstream.ts';
import { type ProviderNode, startProviderNode } from '../provider-node.ts';

const schema = { type: 'object', properties: { lake: { type: 'string' } }, required: ['lake'] };
const tools = [{ functionDeclarations: [{ name: 'lake_info', description: 'd', parametersJsonSchema: schema }] }];
const model = 'gemini-3-pro-preview';

describe.each(['key', 'login'] as const)('Google’s own client at a node whose account has a %s', (kind) => {
  let service: GeminiUpstream;
  let node: ProviderNode;
  beforeAll(async () => {
    service = await startGemini();
    node = await startProviderNode([{ id: 'g', provider: 'gemini-cli', ...service.account('g', kind) }]);
    if (kind === 'login') await node.account('g', (shown) => (shown['token'] as JsonObject)['state'] === 'usable');
  });
  afterEach(() => service.clear());
  afterAll(async () => {
    await node.stop();
    await service.close();
  });

  const client = () => new GoogleGenAI({ apiKey: node.key, httpOptions: { baseUrl: node.url } }).models;
  const raw = (path: string, body: object) => node.post(`/v1beta/models/${model}${path}`, body);
  const asked = { contents: [{ role: 'user', parts: [{ text: 'How deep is it?' }] }] };

  it('is answered', async () => {
    const answer = await client().generateContent({ model, contents: 'How deep is it?', config: { temperature: 0.5 } });
    expect(answer.text).toBe('How deep is it?');
    expect(answer.candidates?.[0]?.finishReason).toBe('STOP');
    expect(answer.usageMetadata?.candidatesTokenCount).toBe(service.totals.tokens.output);
  });

  it.each(['', 'crlf', 'pieces=1', 'chatter,coalesced'])('is streamed to, sent with %j', async (script) => {
    if (script !== '') service.script(script);
    let text = '';
    let finish: string | undefined;
    for await (const chunk of await client().generateContentStream({ model, contents: 'Grüße, 世界 🌊, slowly' })) {
      text += chunk.text ?? '';
      finish = chunk.candidates?.[0]?.finishReason ?? finish;
    }
    expect([text, finish]).toEqual(['Grüße, 世界 🌊, slowly', 'STOP']);
  });

  it('gets one JSON array without alt=sse, and events with it', async () => {
    const list = await raw(':streamGenerateContent', asked);
    expect(list.headers.get('content-type')).toContain('application/json');
    const parts = (JSON.parse(list.text) as JsonObject[]).flatMap((each) => {
      expect(Object.keys(each)).not.toContain('response');
      return (each['candidates'] as { content?: { parts?: { text?: string }[] } }[])[0]?.content?.parts ?? [];
    });
    expect(parts.map((part) => part.text).join('')).toBe('How deep is it?');
    const events = await raw(':streamGenerateContent?alt=sse', asked);
    expect(events.headers.get('content-type')).toContain('text/event-stream');
    expect(events.text).toMatch(/^data: \{"candidates"/);
  });

  it('counts tokens, also of a whole request', async () => {
    const { totalTokens } = await client().countTokens({ model, contents: 'How deep is it?' });
    expect(totalTokens).toBeGreaterThan(0);
    const whole = await raw(':countTokens', {
      generateContentRequest: { model: `models/${model}`, ...asked },
    });
    expect(whole.status).toBe(200);
    expect(JSON.parse(whole.text)).toMatchObject({ totalTokens });
  });

  it('goes through a tool loop with its signatures', async () => {
    service.script('parallel=2');
    const contents: Content[] = [{ role: 'user', parts: [{ text: 'Look it up' }] }];
    const first = await client().generateContent({ model, contents, config: { tools } });
    const said = first.candidates?.[0]?.content;
    expect(first.functionCalls).toHaveLength(2);
    const response = { functionResponse: { name: 'lake_info', response: { depth: '30 metres' } } };
    contents.push(said ?? {}, { role: 'user', parts: [response, response] });
    const second = await client().generateContent({ model, contents, config: { tools } });
    expect(second.text).toContain('30 metres');
  });

  it('is asked once more without the signatures of another model', async () => {
    service.script('tools', { times: 1 });
    const contents: Content[] = [{ role: 'user', parts: [{ text: 'Look it up' }] }];
    const first = await client().generateContent({ model: 'gemini-3-flash-preview', contents, config: { tools } });
    contents.push(first.candidates?.[0]?.content ?? {}, {
      role: 'user',
      parts: [{ functionResponse: { name: 'lake_info', response: { depth: '30 metres' } } }],
    });
    const second = await client().generateContent({ model, contents, config: { tools } });
    expect(second.text).toContain('30 metres');
    expect(service.requests.slice(-2).map((request) => request.status)).toEqual([400, 200]);
  });

  it('is told of an error in its own form', async () => {
    service.script('400');
    const refused = await raw(':generateContent', asked);
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text)).toMatchObject({ error: { code: 400, status: 'INVALID_ARGUMENT' } });
  });

  it('never gets half an answer for a whole one', async () => {
    service.script('text=5,error-after=2');
    const broken = await raw(':streamGenerateContent?alt=sse', asked);
    expect(broken.text).toContain('word1');
    expect(broken.text).toContain('"error"');
    expect(broken.text).not.toContain('finishReason');
  });

  it('serves clients of other formats', async () => {
    service.script('thinking');
    const answer = await node.post('/v1/chat/completions', {
      model,
      messages: [{ role: 'user', content: 'How deep is it?' }],
      max_tokens: 100_000,
    });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('How deep is it?');
  });
});

describe('a login at Code Assist', () => {
  it('that is served no more is disabled, in Google’s words', async () => {
    const service = await startGemini();
    service.discovery = { kind: 'unsupported-client', message: 'This client is no longer supported.' };
    const { project: _, ...fields } = service.account('g', 'login');
    const node = await startProviderNode([{ id: 'g', provider: 'gemini-cli', ...fields }]);
    try {
      await node.account('g', (shown) => (shown['token'] as JsonObject)['state'] === 'usable');
      const answer = await node.post('/v1beta/models/gemini-2.5-pro:generateContent', {
        contents: [{ role: 'user', parts: [{ text: 'x' }] }],
      });
      expect(answer.status).toBeGreaterThanOrEqual(500);
      const shown = await node.account('g', (each) => each['enabled'] === false);
      expect(JSON.stringify(shown)).toContain('This client is no longer supported.');
      expect(service.oauth.families.reuses).toEqual([]);
    } finally {
      await node.stop();
      await service.close();
    }
  });
});
