import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { anthropicAnswer, anthropicEvents } from './anthropic-answer.ts';
import { chatAnswer, chatEvents } from './chat-answer.ts';
import { TokenLedger, tokensOf } from './token-ledger.ts';

/** A request for this model is refused as the client's mistake. */
export const faultyModel = 'faulty';
/** A stream of this model takes so long that its client has time to leave. */
export const slowModel = 'slow';

const slowPauseMs = 30;

export interface TokenCountingUpstream {
  readonly openaiBaseUrl: string;
  readonly anthropicBaseUrl: string;
  readonly ledger: TokenLedger;
  close(): void;
}

interface Asked {
  readonly id: number;
  readonly model: string;
  readonly isStreamed: boolean;
  readonly includesUsage: boolean;
}

/** Speaks Chat Completions and Messages, and keeps a ledger of the tokens that it told of. */
export async function startTokenCountingUpstream(): Promise<TokenCountingUpstream> {
  const ledger = new TokenLedger();
  const server = createServer((request, response) => void serve(request, response, ledger)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    openaiBaseUrl: `${origin}/v1`,
    anthropicBaseUrl: origin,
    ledger,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, ledger: TokenLedger): Promise<void> {
  const asked = await read(request);
  const api = request.url?.includes('/messages') === true ? 'anthropic' : 'openai';
  if (asked.model === faultyModel) {
    const error = { type: 'invalid_request_error', message: 'no such thing', code: null, param: null };
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ type: 'error', error }));
    return;
  }
  const tokens = tokensOf(asked.id, api);
  // The last byte is with the system: from here on it counts as given.
  response.once('finish', () => ledger.note(asked.id, tokens));
  if (!asked.isStreamed) {
    const answer = api === 'openai' ? chatAnswer(asked.model, tokens) : anthropicAnswer(asked.model, tokens);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const events =
    api === 'openai' ? chatEvents(asked.model, tokens, asked.includesUsage) : anthropicEvents(asked.model, tokens);
  for (const event of events) {
    if (response.destroyed) return;
    response.write(event);
    if (asked.model === slowModel) await new Promise((resolve) => setTimeout(resolve, slowPauseMs));
  }
  response.end();
}

async function read(request: IncomingMessage): Promise<Asked> {
  let text = '';
  request.setEncoding('utf8');
  for await (const piece of request) text += piece;
  const body = JSON.parse(text) as { model: string; stream?: boolean; stream_options?: { include_usage?: boolean } };
  return {
    id: Number(/ask-(\d+)/.exec(text)?.[1]),
    model: body.model,
    isStreamed: body.stream === true,
    includesUsage: body.stream_options?.include_usage === true,
  };
}
