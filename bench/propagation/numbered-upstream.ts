import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A model provider in the bench's own process, so that what it sees and what the bench sees are on one clock. Under
 * `/ok` every answer has the next number; under `/fail` every answer is a 500.
 */
export class NumberedUpstream {
  /** Of the newest answer. */
  serial = 0;
  /** Requests that came to `/fail`, and when the newest was answered, in ms of `performance.now()`. */
  failures = 0;
  failedAtMs = 0;
  readonly #server: Server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    if (!request.url?.startsWith('/fail/')) return void response.end(completion(++this.serial));
    this.failures++;
    this.failedAtMs = performance.now();
    response.statusCode = 500;
    response.end('{"error":{"message":"it fails on purpose","type":"server_error"}}');
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** `base_url` of an account. */
  baseUrl(kind: 'ok' | 'fail'): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${kind}/v1`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function completion(serial: number): string {
  return JSON.stringify({
    id: `chatcmpl-${serial}`,
    object: 'chat.completion',
    created: 1_790_000_000,
    model: 'numbered',
    choices: [{ index: 0, message: { role: 'assistant', content: `answer ${serial}.` }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
  });
}

/** The number of the answer that a client was given. Throws for what is none of ours. */
export function serialOf(text: string): number {
  const serial = /answer (\d+)\./.exec(text)?.[1];
  if (serial === undefined) throw new Error(`no numbered answer: ${text.slice(0, 300)}`);
  return Number(serial);
}
