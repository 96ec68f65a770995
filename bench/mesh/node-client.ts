import { Agent, request } from 'node:http';
import { nodeKey } from '../targets/product-node.ts';

export interface NodeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** An answer that takes longer is given up: the node is frozen or gone. */
const answerWithinMs = 30_000;

/** Calls to one node over kept-alive connections. */
export class NodeClient {
  readonly port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(port: number) {
    this.port = port;
  }

  call(method: string, path: string, body?: unknown): Promise<NodeAnswer> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${nodeKey}`,
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const options = { host: '127.0.0.1', port: this.port, method, path, headers, agent: this.#agent };
    return new Promise((resolve, reject) => {
      const asked = request({ ...options, timeout: answerWithinMs }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        response.once('error', reject);
      });
      asked.once('timeout', () => asked.destroy(new Error(`no answer to ${method} ${path} in ${answerWithinMs} ms`)));
      asked.once('error', reject);
      asked.end(payload);
    });
  }

  /** Rejects unless the answer is 2xx. */
  async must(method: string, path: string, body?: unknown): Promise<string> {
    const { status, text } = await this.call(method, path, body);
    if (status >= 200 && status < 300) return text;
    throw new Error(`${method} ${path} at port ${this.port} was answered with ${status}: ${text.slice(0, 300)}`);
  }

  async json<T>(path: string): Promise<T> {
    return JSON.parse(await this.must('GET', path)) as T;
  }

  /** A question in OpenAI's format. */
  ask(model: string, prompt: string): Promise<NodeAnswer> {
    return this.call('POST', '/v1/chat/completions', { model, messages: [{ role: 'user', content: prompt }] });
  }

  close(): void {
    this.#agent.destroy();
  }
}
