import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** An upstream that says what it is asked and counts how often each text was asked; never forgets one. */
export interface CountingUpstream {
  readonly baseUrl: string;
  readonly counts: ReadonlyMap<string, number>;
  /** The most that were ever under way with this text, their answers not begun. */
  underWayMax(text: string): number;
  close(): void;
}

export interface CountingOptions {
  /** By default long enough that requests are under way whenever something happens to a node. */
  readonly answerDelayMs?: number;
  /** Tokens of every prompt, and of every answer. */
  readonly tokens?: number;
}

export async function startCountingUpstream(options: CountingOptions = {}): Promise<CountingUpstream> {
  const { answerDelayMs = 10, tokens = 1 } = options;
  const counts = new Map<string, number>();
  const underWay = new Map<string, number>();
  const most = new Map<string, number>();
  const enter = (text: string, change: number) => {
    const now = (underWay.get(text) ?? 0) + change;
    underWay.set(text, now);
    most.set(text, Math.max(most.get(text) ?? 0, now));
  };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => (body += piece));
    request.on('end', () => {
      const text = (JSON.parse(body) as { messages: { content: string }[] }).messages[0]?.content ?? '';
      counts.set(text, (counts.get(text) ?? 0) + 1);
      enter(text, 1);
      const message = { role: 'assistant', content: text };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      const usage = { prompt_tokens: tokens, completion_tokens: tokens, total_tokens: 2 * tokens };
      const answer = { id: 'c', object: 'chat.completion', created: 1, model: 'gpt-4o-mini', choices, usage };
      setTimeout(() => {
        enter(text, -1);
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer));
      }, answerDelayMs);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    counts,
    underWayMax: (text) => most.get(text) ?? 0,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
