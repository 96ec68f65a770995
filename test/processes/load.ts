import { Agent, request } from 'node:http';
import { processKey } from './node-process.ts';

export interface LoadResult {
  /** Texts of the requests, all different. */
  answered: string[];
  failed: { text: string; reason: string }[];
}

/**
 * Clients that ask without pause until they are told to stop. Each request's text is its own, so that an upstream can
 * count how often it was asked. `isKeptAlive` uses connections again, else each request has a new one.
 */
export class Load {
  readonly result: LoadResult = { answered: [], failed: [] };
  /** All that was asked so far, answered or not. */
  readonly asked: string[] = [];
  readonly #port: number;
  readonly #agent: Agent;
  readonly #name: string;
  #count = 0;
  #isOver = false;
  #clients: Promise<unknown> = Promise.resolve();
  #waiting: { count: number; done: () => void }[] = [];

  constructor(url: string, name: string, isKeptAlive: boolean) {
    this.#port = Number(new URL(url).port);
    this.#agent = new Agent({ keepAlive: isKeptAlive });
    this.#name = name;
  }

  start(clients: number): this {
    this.#clients = Promise.all(Array.from({ length: clients }, () => this.#client()));
    return this;
  }

  /** Resolves after so many more answers. */
  more(count: number): Promise<void> {
    return new Promise((done) => this.#waiting.push({ count: this.result.answered.length + count, done }));
  }

  async stop(): Promise<LoadResult> {
    this.#isOver = true;
    await this.#clients;
    this.#agent.destroy();
    return this.result;
  }

  async #client(): Promise<void> {
    while (!this.#isOver) {
      const text = `${this.#name}-${++this.#count}.`;
      this.asked.push(text);
      const reason = await this.#ask(text);
      if (reason === undefined) this.result.answered.push(text);
      else this.result.failed.push({ text, reason });
      this.#waiting = this.#waiting.filter(({ count, done }) => {
        if (this.result.answered.length < count) return true;
        done();
        return false;
      });
    }
  }

  /** Undefined when the answer came whole; otherwise what went wrong. */
  #ask(text: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const call = request({
        host: '127.0.0.1',
        port: this.#port,
        path: '/v1/chat/completions',
        method: 'POST',
        agent: this.#agent,
        headers: { authorization: `Bearer ${processKey}`, 'content-type': 'application/json' },
      });
      call.on('error', (error) => resolve(error.message));
      call.on('response', (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (piece: string) => (body += piece));
        answer.on('error', (error) => resolve(error.message));
        answer.on('end', () => {
          const isWhole = answer.statusCode === 200 && body.includes(text);
          resolve(isWhole ? undefined : `${answer.statusCode} ${body.slice(0, 200)}`);
        });
      });
      call.end(JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: text }] }));
    });
  }
}
