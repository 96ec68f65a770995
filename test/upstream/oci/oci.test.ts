import { createHash, createPrivateKey, sign } from 'node:crypto';
import { request as send } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ociAccount, type OciUpstream, startOci } from './upstream.ts';

let upstream: OciUpstream;
beforeAll(async () => {
  upstream = await startOci();
});
beforeEach(() => upstream.clear());
afterAll(() => upstream.close());

interface Change {
  /** Left out of the list of what is signed. */
  unsigned?: string;
  /** What is sent of the body that was signed; of the same length. */
  altered?: (body: string) => string;
  headers?: Record<string, string>;
  nowMs?: number;
  key?: string;
  fingerprint?: string;
}

/** A signature by the rules of draft-cavage-http-signatures-08, in Python's order and case. */
async function call(method: 'GET' | 'POST', path: string, body: string | undefined, change: Change = {}) {
  const account = ociAccount(upstream, change.key) as Record<string, string>;
  const values: Record<string, string> = {
    date: new Date(change.nowMs ?? Date.now()).toUTCString(),
    '(request-target)': `${method.toLowerCase()} ${path}`,
    host: new URL(upstream.url).host,
  };
  if (body !== undefined) {
    values['content-length'] = String(Buffer.byteLength(body));
    values['content-type'] = 'application/json';
    values['x-content-sha256'] = createHash('sha256').update(body).digest('base64');
  }
  const names = Object.keys(values).filter((name) => name !== change.unsigned);
  const text = names.map((name) => `${name}: ${values[name]}`).join('\n');
  const signature = sign('sha256', Buffer.from(text), createPrivateKey(account['key_content']!)).toString('base64');
  const keyId = `${account['tenancy']}/${account['user']}/${change.fingerprint ?? account['fingerprint']}`;
  const authorization = `Signature algorithm="rsa-sha256",headers="${names.join(' ')}",keyId="${keyId}",signature="${signature}",version="1"`;
  const { '(request-target)': _, host: __, ...headers } = values;
  const answer = await send(upstream.url + path, {
    method,
    headers: { ...headers, authorization, ...change.headers },
    ...(body === undefined ? {} : { body: change.altered?.(body) ?? body }),
  });
  const said = await answer.body.text();
  return { status: answer.statusCode, headers: answer.headers, text: said, complaint: complaintIn(answer.headers) };
}

const complaintIn = (headers: Record<string, unknown>) => decodeURIComponent(String(headers['x-upstream-complaint']));

const compartmentId = 'ocid1.compartment.oc1..aaaascripted';
const onDemand = (modelId: string) => ({ servingType: 'ON_DEMAND', modelId });
const user = (text: string) => ({ role: 'USER', content: [{ type: 'TEXT', text }] });
const generic = { apiFormat: 'GENERIC', maxTokens: 99, messages: [user('hello')] };
const cohere = { apiFormat: 'COHERE', maxTokens: 99, message: 'hello' };
const v2 = { apiFormat: 'COHEREV2', maxTokens: 99, messages: [user('hello')] };
const chat = (chatRequest: object, model: string, more: object = {}, change: Change = {}) => {
  const body = { compartmentId, servingMode: onDemand(model), chatRequest, ...more };
  return call('POST', '/20231130/actions/chat', JSON.stringify(body), change);
};

describe('the signature at the scripted OCI', () => {
  it('is good over the bytes that came', async () => {
    expect((await chat(generic, 'xai.grok-4')).status).toBe(200);
    expect((await call('GET', `/20231130/models?compartmentId=${compartmentId}`, undefined)).status).toBe(200);
    expect(upstream.requests[0]?.key).toBe('sk-upstream-1');
  });

  it.each<[string, Change, string]>([
    ['another body', { altered: (body) => body.replace('hello', 'jello') }, 'x-content-sha256 is not that of the body'],
    ['a date that is not signed', { unsigned: 'date' }, 'no date is signed'],
    ['a host that is not signed', { unsigned: 'host' }, 'host is not signed'],
    ['a hash that is not signed', { unsigned: 'x-content-sha256' }, 'x-content-sha256 is not signed'],
    ['another hash', { headers: { 'x-content-sha256': 'AAAA' } }, 'x-content-sha256 is not that of the body'],
    ['another type than was signed', { headers: { 'content-type': 'application/json; x=y' } }, 'not over these bytes'],
    ['an old date', { nowMs: Date.now() - 301_000 }, 'the date is too far off'],
    ['a date to come', { nowMs: Date.now() + 302_000 }, 'the date is too far off'],
    ['another key', { fingerprint: '00:11' }, 'no such key'],
    ['another user', { key: 'sk-wrong' }, 'no such user'],
    ['none', { headers: { authorization: 'Bearer x' } }, 'no signature'],
  ])('is refused for %s', async (_name, change, complaint) => {
    const answer = await chat(generic, 'xai.grok-4', {}, change);
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'NotAuthenticated' });
    expect(answer.complaint).toContain(complaint);
  });
});

const tool = (name: string, parameters: object = { type: 'object', properties: {} }) => ({
  type: 'FUNCTION',
  name,
  parameters,
});
const genericCall = { id: 'c1', type: 'FUNCTION', name: 'look', arguments: '{}' };
const called = (...toolCalls: object[]) => ({ role: 'ASSISTANT', content: null, toolCalls });
const result = (toolCallId: string) => ({ role: 'TOOL', toolCallId, content: [{ type: 'TEXT', text: 'x' }] });
const parameter = (type: string) => ({ name: 'look', description: '', parameterDefinitions: { a: { type } } });

describe('the form of a chat request at the scripted OCI', () => {
  it.each<[string, string, object, string]>([
    ['a role in lower case', 'xai.grok-4', { ...generic, messages: [{ ...user('x'), role: 'user' }] }, 'role'],
    ['a format in lower case', 'xai.grok-4', { ...generic, apiFormat: 'generic' }, 'apiFormat'],
    ['an unknown field', 'xai.grok-4', { ...generic, max_tokens: 3 }, 'max_tokens: unknown field'],
    ['content as text', 'xai.grok-4', { ...generic, messages: [{ role: 'USER', content: 'x' }] }, 'not a list'],
    ['an effort in lower case', 'xai.grok-3-mini', { ...generic, reasoningEffort: 'low' }, 'reasoningEffort'],
    ['a nested tool', 'xai.grok-4', { ...generic, tools: [{ type: 'FUNCTION', function: {} }] }, 'tools[0]'],
    [
      'a nested choice',
      'xai.grok-4',
      { ...generic, toolChoice: { type: 'FUNCTION', function: { name: 'a' } } },
      'toolChoice',
    ],
    [
      'Cohere’s image',
      'xai.grok-4',
      { ...generic, messages: [{ role: 'USER', content: [{ type: 'IMAGE_URL' }] }] },
      'type',
    ],
    ['a flat tool', 'cohere.command-a-reasoning-08-2025', { ...v2, tools: [tool('look')] }, 'unknown field'],
    [
      'the generic image',
      'cohere.command-a-vision',
      { ...v2, messages: [{ role: 'USER', content: [{ type: 'IMAGE' }] }] },
      'type',
    ],
    ['messages', 'cohere.command-a-03-2025', { ...cohere, messages: [] }, 'messages: unknown field'],
    ['no bound', 'cohere.command-a-03-2025', { ...cohere, maxTokens: undefined }, 'maxTokens'],
    [
      'a tool name with a dash',
      'cohere.command-a-03-2025',
      { ...cohere, tools: [{ ...parameter('str'), name: 'a-b' }] },
      'name',
    ],
  ])('is refused without a reason: %s', async (_name, model, request, complaint) => {
    const answer = await chat(request, model);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({ message: 'Please pass in correct format of request.' });
    expect(answer.complaint).toContain(complaint);
  });

  it('is refused without compartment or serving mode', async () => {
    for (const more of [
      { compartmentId: undefined },
      { servingMode: undefined },
      { servingMode: { servingType: 'ON_DEMAND' } },
    ]) {
      expect((await chat(generic, 'xai.grok-4', more)).status).toBe(400);
    }
  });

  it.each<[string, string, object, string]>([
    ['no bound', 'xai.grok-4', { ...generic, maxTokens: undefined }, 'maxTokens: missing'],
    ['too high a bound for Cohere', 'cohere.command-a-03-2025', { ...cohere, maxTokens: 4001 }, 'at most 4000'],
    ['another family’s format', 'cohere.command-a-03-2025', generic, 'apiFormat'],
    ['the older format for a newer model', 'cohere.command-a-reasoning-08-2025', cohere, 'COHEREV2'],
    ['an empty message', 'cohere.command-a-03-2025', { ...cohere, message: '' }, 'must not be empty'],
    [
      'a result without its call',
      'xai.grok-4',
      { ...generic, messages: [user('x'), result('c1')] },
      'without its call',
    ],
    [
      'a call without its result',
      'xai.grok-4',
      { ...generic, messages: [called(genericCall), user('x')] },
      'without its tool message',
    ],
    [
      'a schema with branches',
      'xai.grok-4',
      { ...generic, tools: [tool('a', { anyOf: [] })] },
      'anyOf is not supported',
    ],
    [
      'a schema with a list of types',
      'xai.grok-4',
      { ...generic, tools: [tool('a', { type: ['a', 'b'] })] },
      'a list of types',
    ],
    ['an array without items', 'xai.grok-4', { ...generic, tools: [tool('a', { type: 'array' })] }, 'needs items'],
    [
      'a type that Python has not',
      'cohere.command-a-03-2025',
      { ...cohere, tools: [parameter('string')] },
      'is not supported',
    ],
    [
      'calls together for Gemini',
      'google.gemini-2.5-pro',
      { ...generic, messages: [called(genericCall, { ...genericCall, id: 'c2' })] },
      'equal the number',
    ],
    ['the older bound for GPT', 'openai.gpt-5', generic, 'max_completion_tokens'],
  ])('is refused with a reason: %s', async (_name, model, request, says) => {
    const answer = await chat(request, model);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(says);
  });

  it('breaks as the backends do', async () => {
    const list = { ...cohere, tools: [parameter('List')] };
    expect((await chat(list, 'cohere.command-a-03-2025')).status).toBe(500);
    const empty = { ...generic, messages: [called(genericCall), result('c1')] };
    expect((await chat(empty, 'google.gemini-2.5-pro')).status).toBe(500);
    const missing = await chat(generic, 'grok-4');
    expect([missing.status, missing.text]).toEqual([404, expect.stringContaining('Entity with key grok-4 not found')]);
  });
});

const events = (text: string) =>
  text
    .split('\n\n')
    .filter((each) => each.startsWith('data: {'))
    .map((each) => JSON.parse(each.slice(6)) as Record<string, never>);
const streamed = { isStream: true, streamOptions: { isIncludeUsage: true } };
const calling = (model: string) => chat({ ...generic, ...streamed, tools: [tool('look')] }, model);

describe('an answer of the scripted OCI', () => {
  it('comes as events without a wrapper, padded, with usage where that is asked for', async () => {
    const { text, headers } = await chat({ ...generic, ...streamed }, 'xai.grok-4');
    expect(headers['content-type']).toBe('text/event-stream');
    const said = events(text);
    expect(said.every(({ pad }) => typeof pad === 'string')).toBe(true);
    expect(said[0]).toMatchObject({ message: { role: 'ASSISTANT', content: [{ type: 'TEXT', text: 'hello' }] } });
    expect(said.at(-2)).toMatchObject({ finishReason: 'stop' });
    expect(said.at(-1)).toHaveProperty('usage.promptTokens');
  });

  it('ends with [DONE] now and then', async () => {
    const ends = await Promise.all([1, 2, 3, 4].map(() => chat({ ...generic, isStream: true }, 'xai.grok-4')));
    const done = ends.filter(({ text }) => text.includes('[DONE]')).length;
    expect(done).toBe(2);
  });

  it('brings calls as each backend does', async () => {
    upstream.script('tools');
    const calls = async (model: string) =>
      events((await calling(model)).text).flatMap((each) => each['message']?.['toolCalls'] ?? []);
    expect(await calls('xai.grok-4')).toEqual([
      { id: expect.any(String) as string, type: 'FUNCTION', name: 'look', arguments: '{}' },
    ]);
    expect(await calls('google.gemini-2.5-pro')).toEqual([{ type: 'FUNCTION', name: 'look', arguments: '{}' }]);
    const gpt = await calls('openai.gpt-oss-120b');
    expect(gpt[0]).toMatchObject({ name: 'look', arguments: '' });
    expect(gpt[1]).toEqual({ type: 'FUNCTION', arguments: '{}' });
    expect((await calling('meta.llama-3.3-70b-instruct')).text).toContain('<tool_call>');
  });

  it('says everything again in the last event of Cohere’s older format', async () => {
    const { text } = await chat({ ...cohere, ...streamed }, 'cohere.command-a-03-2025');
    expect(events(text).at(-1)).toMatchObject({ text: 'hello', finishReason: 'COMPLETE', chatHistory: [{}, {}] });
  });

  it('takes a script out of the name of a model, and in place of a user', async () => {
    expect((await chat(generic, 'xai.script:say=Bled')).text).toContain('"text":"Bled"');
    expect((await chat(generic, 'xai.grok-4', {}, { key: 'sk-upstream:429' })).status).toBe(429);
  });

  it('is a page of models, with the token of the next in a header', async () => {
    const path = `/20231130/models?compartmentId=${compartmentId}&limit=3`;
    const first = await call('GET', path, undefined);
    const token = String(first.headers['opc-next-page']);
    const second = await call('GET', `${path}&page=${encodeURIComponent(token)}`, undefined);
    expect(JSON.parse(second.text)).toMatchObject({ items: [{}, {}, {}] });
    expect(second.text).not.toBe(first.text);
    expect((await call('GET', '/20231130/models', undefined)).status).toBe(400);
    expect((await call('GET', `${path}&colour=red`, undefined)).status).toBe(400);
  });
});
