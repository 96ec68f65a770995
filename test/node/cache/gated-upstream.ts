import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';

/** An OpenAI-like upstream that answers a request when the test says so. */
export interface GatedUpstream {
  readonly baseUrl: string;
  /** Requests so far, those of clients that left included. */
  readonly count: number;
  readonly aborted: number;
  /** Waits until so many requests have come. */
  came(count: number): Promise<void>;
  /** Answers the request that came as number `index`, from 0. */
  answer(index: number, status?: number, headers?: Record<string, string>): void;
  /** Answers those that wait, and whatever comes from now on. */
  open(): void;
  close(): Promise<void>;
}

export async function startGatedUpstream(): Promise<GatedUpstream> {
  const responses: ServerResponse[] = [];
  const bodies: unknown[] = [];
  let aborted = 0;
  let isOpen = false;
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      bodies.push(JSON.parse(text));
      response.on('close', () => void (response.writableFinished || aborted++));
      const index = responses.push(response) - 1;
      if (isOpen) answer(index);
    });
  });
  const answer = (index: number, status = 200, headers: Record<string, string> = {}) => {
    const body = status === 200 ? chatAnswer(index) : { error: { message: 'no', type: 'server_error' } };
    responses[index]?.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    get count() {
      return responses.length;
    },
    get aborted() {
      return aborted;
    },
    came: (count) => expect.poll(() => responses.length, { interval: 5, timeout: 5000 }).toBe(count),
    answer,
    open() {
      isOpen = true;
      for (const [index, response] of responses.entries()) if (!response.headersSent) answer(index);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function chatAnswer(index: number): unknown {
  return {
    id: `chatcmpl-${index}`,
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: `answer ${index}` }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  };
}
