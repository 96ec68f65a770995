import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { request as send } from 'undici';
import type { JsonObject } from '../../../kit/json.ts';
import type { Message } from '../../../node/conversation/contract.ts';
import { amazonqProvider } from '../../../node/providers/amazonq/index.ts';
import type { Upstream, UpstreamRequest } from '../../../node/providers/contract.ts';
import { kiroProvider } from '../../../node/providers/kiro-api/index.ts';
import { conversation, weather } from '../../suites/conversations.ts';
import { providerEnvironment } from '../../suites/provider-environment.ts';
import { event } from '../protocols/codewhisperer/frames.ts';
import { brokenRules } from '../protocols/codewhisperer/request-rules.ts';
import { tokenOf } from './requests.ts';

const arn = 'arn:aws:codewhisperer:us-east-1:444455556666:profile/TESTPROFILE1';
const token = 'access-1';

/** A stand-in that is as strict as the service, with nothing taken from the encoder. */
const seen: string[] = [];
let wantsArn = false;
const server = createServer((incoming, response) => {
  void read(incoming).then((body) => {
    const { status, bytes } = answerTo(incoming, body);
    response.writeHead(status, { 'content-type': 'application/vnd.amazon.eventstream' }).end(bytes);
  });
});

async function read(incoming: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as JsonObject);
}

function answerTo(
  { method, url, headers }: IncomingMessage,
  body: JsonObject,
): { status: number; bytes: Buffer | string } {
  const target = String(headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1);
  const operation = target === '' ? String(url).split('?')[0] : target;
  seen.push(`${method} ${operation}`);
  if (headers['authorization'] !== `Bearer ${token}`) {
    return refused(403, 'The bearer token included in the request is invalid.');
  }
  if (operation === 'ListAvailableProfiles') return { status: 200, bytes: JSON.stringify({ profiles: [{ arn }] }) };
  if (operation !== 'GenerateAssistantResponse' && operation !== '/generateAssistantResponse')
    return refused(404, 'none');
  if (wantsArn && body['profileArn'] !== arn) return refused(400, 'profileArn is required for this request.');
  const broken = brokenRules(body);
  if (broken.length > 0) return refused(400, `Improperly formed request. ${broken.join()}`);
  const call = { name: 'weather', toolUseId: 'tooluse_1' };
  return {
    status: 200,
    bytes: Buffer.concat([
      event('assistantResponseEvent', { content: 'I look.' }),
      event('toolUseEvent', call),
      event('toolUseEvent', { ...call, input: '{"place":"Bled"}' }),
      event('toolUseEvent', { ...call, stop: true }),
      event('contextUsageEvent', { contextUsagePercentage: 1 }),
    ]),
  };
}

function refused(status: number, message: string) {
  return { status, bytes: JSON.stringify({ message, reason: null }) };
}

let base_url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen.length = 0;
  wantsArn = false;
});

const openers: [string, string, () => Upstream][] = [
  [
    'Amazon Q',
    'GenerateAssistantResponse',
    () => {
      const fields = amazonqProvider.credential.parse({
        refresh_token: 'r',
        client_id: 'c',
        client_secret: 's',
        base_url,
      });
      return amazonqProvider.open(
        { id: 'a', provider: 'amazonq', ...fields },
        providerEnvironment({ token: tokenOf(token) }),
      );
    },
  ],
  [
    'Kiro',
    '/generateAssistantResponse',
    () => {
      const token_url = `${base_url}/token`;
      const fields = kiroProvider.credential.parse({ refresh_token: 'r', token_url, base_url });
      return kiroProvider.open(
        { id: 'k', provider: 'kiro-api', ...fields },
        providerEnvironment({ token: tokenOf(token) }),
      );
    },
  ],
];

async function post(upstream: Upstream, request: UpstreamRequest) {
  const ready = await upstream.authorise!(request);
  const response = await send((ready.origin ?? upstream.origin) + ready.path, {
    method: ready.method as 'POST',
    headers: ready.headers as string[],
    body: ready.body ?? null,
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    body: Buffer.from(await response.body.arrayBuffer()),
  };
}

const messages: Message[] = [
  { role: 'user', parts: [{ type: 'text', text: 'Weather in Bled?' }] },
  { role: 'assistant', parts: [{ type: 'tool_call', id: 'old', name: 'gone.tool', argumentsJson: '{}' }] },
];

describe.each(openers)('over a socket, %s', (_name, chat, open) => {
  it('answers a conversation that breaks every rule', async () => {
    const upstream = open();
    const { request, reader } = upstream.encode({
      ...conversation('claude-sonnet-4-5', '', { tools: [weather] }),
      messages,
    });
    const { status, body } = await post(upstream, request);
    expect({ status, said: status === 200 ? '' : body.toString() }).toEqual({ status: 200, said: '' });
    expect(reader!.decodeAnswer(body)).toMatchObject({
      finish: 'tool_calls',
      parts: [
        { type: 'text', text: 'I look.' },
        { type: 'tool_call', id: 'tooluse_1', name: 'weather', argumentsJson: '{"place":"Bled"}' },
      ],
    });
    expect(seen).toEqual([`POST ${chat}`]);
  });

  it('is asked once more with the profile that it demands', async () => {
    wantsArn = true;
    const upstream = open();
    const { request, reader } = upstream.encode(conversation('claude-sonnet-4-5', 'Hello', { tools: [weather] }));
    const first = await post(upstream, request);
    const fault = upstream.readFault(first.status, first.headers, first.body);
    const revised = await upstream.revise!(request, fault);
    const second = await post(upstream, revised!);
    expect(second.status).toBe(200);
    expect(reader!.decodeAnswer(second.body).finish).toBe('tool_calls');
    expect(seen).toEqual([`POST ${chat}`, 'POST ListAvailableProfiles', `POST ${chat}`]);
    const third = await post(upstream, upstream.encode(conversation('claude-sonnet-4-5', 'Hello')).request);
    expect(third.status).toBe(200);
  });
});
