import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { openaiCustomProvider } from '../../../node/providers/openai-custom/index.ts';
import type { Upstream } from '../../../node/providers/contract.ts';
import { providerEnvironment } from '../../suites/provider-environment.ts';

export interface HandRequest {
  path: string;
  authorization: string | undefined;
  prefer: string | string[] | undefined;
  acceptEncoding: string | string[] | undefined;
  body: string;
}

/** A host whose answers a test gives, one function for all its requests. */
export interface HandHost {
  readonly origin: string;
  readonly requests: HandRequest[];
  answer: (request: HandRequest, response: ServerResponse) => void;
  close(): Promise<void>;
}

export async function startHost(answer: HandHost['answer']): Promise<HandHost> {
  const server = createServer((request, response) => void take(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host: HandHost = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    answer,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization, prefer, 'accept-encoding': acceptEncoding } = request.headers;
    const taken = { path: request.url ?? '', authorization, prefer, acceptEncoding, body: await text(request) };
    host.requests.push(taken);
    host.answer(taken, response);
  }
  return host;
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** A whole answer of OpenAI's. */
export function completion(content: string) {
  return {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  };
}

/** An upstream that speaks as OpenAI's do, with what a test puts in the place of its members. */
export function handUpstream(origin: string, own: Partial<Upstream> = {}): Upstream {
  const plain = openaiCustomProvider.open(
    {
      id: 'hand',
      provider: 'openai-custom',
      ...openaiCustomProvider.credential.parse({ base_url: `${origin}/v1` }),
    },
    providerEnvironment(),
  );
  return {
    origin: plain.origin,
    upstreamModel: (model) => plain.upstreamModel(model),
    speaks: (protocol, operation) => plain.speaks(protocol, operation),
    passThrough: (...call) => plain.passThrough(...call),
    encode: (conversation) => plain.encode(conversation),
    decodeAnswer: (body) => plain.decodeAnswer(body),
    openDecoder: () => plain.openDecoder(),
    readFault: (...answer) => plain.readFault(...answer),
    transparent: (request) => plain.transparent(request),
    probe: (model) => plain.probe(model),
    ...own,
  };
}

/** Begins a stream; what follows, and its end, is the test's. */
export function sendEvents(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(text);
}

/** One of OpenAI's chunks, as an event. */
export const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

export const words = Array.from({ length: 40 }, (_, at) => `word${at} and `);
export const wordChunks = words.map((content) => chunk({ content })).join('');
