import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** An upstream that says what it is asked and counts how often each text was asked; never forgets one. */
export interface CountingUpstream {
  readonly baseUrl: string;
  readonly counts: ReadonlyMap<string, number>;
  close(): void;
}

/** Long enough that requests are under way whenever something happens to a node. */
const answerDelayMs = 10;

export async function startCountingUpstream(): Promise<CountingUpstream> {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => (body += piece));
    request.on('end', () => {
      const text = (JSON.parse(body) as { messages: { content: string }[] }).messages[0]?.content ?? '';
      counts.set(text, (counts.get(text) ?? 0) + 1);
      const message = { role: 'assistant', content: text };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
      const answer = { id: 'c', object: 'chat.completion', created: 1, model: 'gpt-4o-mini', choices, usage };
      setTimeout(() => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer));
      }, answerDelayMs);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    counts,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
