/** The provider against an upstream that was written from OpenAI's documentation and is as strict as it. */
import { providerEnvironment } from '../../../suites/provider-environment.ts';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JsonObject } from '../../../../kit/json.ts';
import type { Answer, Conversation, Message, Part, StreamEvent } from '../../../../node/conversation/contract.ts';
import { fold } from '../../../../node/conversation/fold.ts';
import { orderBreach } from '../../../../node/conversation/order-check.ts';
import { openaiChatProtocol } from '../../../../node/protocols/openai-chat/index.ts';
import type { Upstream, UpstreamRequest } from '../../../../node/providers/contract.ts';
import { openaiCustomProvider } from '../../../../node/providers/openai-custom/index.ts';
import { checkChatBody } from '../../../upstream/openai-check.ts';
import { start } from '../../../upstream/upstream.ts';

const tool = { name: 'lookup', schema: { type: 'object', properties: { a: { type: 'string' } } } };
const user: Message = { role: 'user', parts: [{ type: 'text', text: 'hello there' }] };

function conversationFor(model: string, stream: boolean): Conversation {
  return { model, system: [], messages: [user], tools: [tool], stop: [], stream, dropped: [] };
}

describe('an account at the scripted upstream', () => {
  let scripted: Awaited<ReturnType<typeof start>>;
  let account: Upstream;

  beforeAll(async () => {
    scripted = await start();
    const credential = z.parse(openaiCustomProvider.credential, {
      base_url: scripted.openaiBaseUrl,
      api_key: 'sk-upstream-1',
    });
    account = openaiCustomProvider.open(
      { id: 'a', provider: 'openai-custom', ...credential },
      providerEnvironment({ defaultMaxTokens: 4000 }),
    );
  });

  afterAll(() => scripted.close());

  function send({ method, path, headers, body }: UpstreamRequest): Promise<Response> {
    const pairs: [string, string][] = [];
    for (let at = 0; at < headers.length; at += 2) pairs.push([headers[at] ?? '', headers[at + 1] ?? '']);
    const sent = body === undefined ? {} : { body: String(body) };
    return fetch(account.origin + path, { method, headers: pairs, ...sent });
  }

  async function stream(script: string): Promise<StreamEvent[]> {
    const response = await send(account.encode(conversationFor(script, true)).request);
    expect(response.status).toBe(200);
    const decoder = account.openDecoder();
    const events: StreamEvent[] = [];
    for await (const bytes of response.body ?? []) decoder.push(bytes, events);
    decoder.end(events);
    expect(orderBreach(events)).toBeUndefined();
    return events;
  }

  async function whole(script: string): Promise<Answer> {
    const response = await send(account.encode(conversationFor(script, false)).request);
    return account.decodeAnswer(Buffer.from(await response.arrayBuffer()));
  }

  async function relay(script: string) {
    const body = Buffer.from(
      JSON.stringify({ model: script, stream: true, messages: [{ role: 'user', content: 'hi' }] }),
    );
    const call = { body, model: script, stream: true, protocolHeaders: [] };
    const response = await send(account.passThrough('openai-chat', 'generate', call));
    const relay = openaiChatProtocol.openRelay({ hideUsage: false, eventSizeBytesMax: 1 << 20 });
    let text = '';
    for await (const bytes of response.body ?? []) text += relay.push(Buffer.from(bytes))?.toString() ?? '';
    text += relay.end()?.toString() ?? '';
    return { relay, text };
  }

  it.each(['text=5', 'text=5,pieces=7', 'text=5,crlf', 'text=5,cr', 'text=5,chatter', 'text=5,coalesced'])(
    'streams %s',
    async (script) => {
      const answer = fold(await stream(script));
      expect(answer.parts).toEqual([{ type: 'text', text: expect.stringMatching(/^word0 .*word4/) }]);
      expect(answer.finish).toBe('stop');
      expect(answer.usage.outputTotal).toBeGreaterThan(0);
    },
  );

  it.each(['parallel=3', 'interleaved=3', 'tool', 'thinking', 'length', 'refusal', 'cached', 'call=lookup:{"a":"b"}'])(
    'says the same streamed and whole: %s',
    async (script) => {
      const [streamed, complete] = [fold(await stream(script)), await whole(script)];
      const shape = ({ parts, finish }: Answer) => ({ finish, types: parts.map(({ type }) => type) });
      expect(shape(streamed)).toEqual(shape(complete));
      expect(streamed.parts.length).toBeGreaterThan(0);
    },
  );

  it.each([
    ['truncate=2', 'upstream_truncated'],
    ['error-after=2', 'upstream_e'],
    ['error-before', 'upstream_e'],
  ])('ends %s as a fault, decoded and relayed', async (script, code) => {
    const last = (await stream(script)).at(-1);
    expect(last?.type === 'fault' && last.fault.code).toContain(code);
    const relayed = await relay(script);
    expect(relayed.relay.phase).not.toBe('finished');
    expect(relayed.text).not.toContain('[DONE]');
    expect(relayed.text === '' || relayed.text.endsWith('\n\n')).toBe(true);
  });

  it.each(['text=5', 'interleaved=2', 'thinking', 'text=3,pieces=1', 'text=3,crlf'])(
    'relays %s to its end',
    async (script) => {
      const { relay: relayed, text } = await relay(script);
      expect(relayed.phase).toBe('finished');
      expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    },
  );

  it.each([
    ['400', 'upstream_rejected'],
    ['401', 'upstream_unauthorised'],
    ['403', 'upstream_unauthorised'],
    ['404', 'upstream_model_not_found'],
    ['413', 'upstream_rejected'],
    ['429=7', 'upstream_rate_limited'],
    ['quota', 'upstream_rate_limited'],
    ['500', 'upstream_error'],
    ['503', 'upstream_overloaded'],
    ['too-long', 'context_too_long'],
    ['html-502', 'upstream_error'],
  ])('reads the refusal %s as %s', async (script, code) => {
    const response = await send(account.encode(conversationFor(script, false)).request);
    const headers = Object.fromEntries(response.headers);
    const fault = account.readFault(response.status, headers, Buffer.from(await response.arrayBuffer()));
    expect(fault.code).toBe(code);
    if (script === '429=7') expect(fault.retryAfterMs).toBe(7000);
  });

  it('lists models, probes and embeds', async () => {
    const listed = await send(account.models?.request() ?? account.probe(undefined));
    expect(account.models?.parse(Buffer.from(await listed.arrayBuffer())).length).toBeGreaterThan(0);
    expect((await send(account.probe('gpt-4o-mini'))).status).toBe(200);
    expect((await send(account.probe('o3-mini'))).status).toBe(200);
    const body = Buffer.from('{"model":"text-embedding-3-small","input":"hi"}');
    const call = { body, model: 'text-embedding-3-small', stream: false, protocolHeaders: [] };
    const embedded = await send(account.passThrough('openai-chat', 'embeddings', call));
    expect(openaiChatProtocol.scanAnswer(Buffer.from(await embedded.arrayBuffer())).usage.inputTotal).toBeGreaterThan(
      0,
    );
  });
});

describe('a request for an upstream', () => {
  const text = fc.string({ minLength: 1, maxLength: 10 });
  const id = fc.constantFrom('a', 'b', 'c', 'x'.repeat(60));
  const part: fc.Arbitrary<Part> = fc.oneof(
    fc.record({ type: fc.constant('text' as const), text }),
    fc.record({ type: fc.constant('thinking' as const), text, signature: text }),
    fc.record({
      type: fc.constant('tool_call' as const),
      id,
      name: fc.constant('lookup'),
      argumentsJson: fc.constantFrom('', '{}', '{"a":1}'),
      signature: fc.constant('aiproxy0gemini00AY89'),
    }),
    fc.record({
      type: fc.constant('tool_result' as const),
      callId: id,
      content: fc.array(fc.record({ type: fc.constant('text' as const), text }), { maxLength: 2 }),
      isError: fc.boolean(),
    }),
  );
  const isPlaced = (role: string) => (one: Part) =>
    one.type === 'text' ||
    (role === 'assistant' ? one.type !== 'tool_result' : role === 'user' && one.type === 'tool_result');
  /** A call's id is unique within its message in every protocol. */
  const isFirst = (one: Part, index: number, parts: readonly Part[]) =>
    one.type !== 'tool_call' || parts.findIndex((other) => other.type === 'tool_call' && other.id === one.id) === index;
  const message: fc.Arbitrary<Message> = fc
    .tuple(fc.constantFrom('user' as const, 'assistant' as const, 'system' as const), fc.array(part, { maxLength: 4 }))
    .map(([role, parts]) => ({ role, parts: parts.filter(isPlaced(role)).filter(isFirst) }));

  it('is one that OpenAI takes, however its history was cut or shuffled', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.constantFrom('gpt-4o', 'o3-mini'), (messages, model) => {
        const conversation: Conversation = {
          model,
          system: [{ type: 'text', text: 's', cacheControl: { type: 'ephemeral' } }],
          messages: [...messages, user],
          tools: [tool, { name: 'bare', schema: {} }],
          toolChoice: { type: 'any' },
          stop: model === 'gpt-4o' ? ['x'] : [],
          temperature: 0.5,
          topK: 4,
          maxTokens: 10,
          thinking: { mode: 'on', budgetTokens: 4000 },
          stream: true,
          dropped: [],
        };
        const credential = z.parse(openaiCustomProvider.credential, { base_url: 'http://127.0.0.1:1' });
        const upstream = openaiCustomProvider.open(
          { id: 'a', provider: 'openai-custom', ...credential },
          providerEnvironment({ defaultMaxTokens: 1 }),
        );
        const sent = JSON.parse(String(upstream.encode(conversation).request.body)) as JsonObject;
        expect(checkChatBody(sent)).toBe(sent);
      }),
    );
  });
});
