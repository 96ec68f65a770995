import { Agent, request, type IncomingMessage } from 'node:http';
import { processKey } from '../node-process.ts';
import { mixedRequest, type MixedRequest } from './mixed-request.ts';

/** What became of a request, as its client saw it. */
export interface Ended extends MixedRequest {
  readonly node: number;
  /** As it was to end; undefined where it broke off or nobody took it. */
  readonly seen: MixedRequest['outcome'] | undefined;
  /** When the client was done with it. */
  readonly atMs: number;
}

/**
 * Clients that send the mix to several nodes in turn, without pause, until they are told to stop. They do not repeat what
 * fails, and leave out nodes that they were told are away.
 */
export class MixedLoad {
  readonly ended: Ended[] = [];
  readonly #ports: readonly number[];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #away = new Set<number>();
  #clients: Promise<unknown> = Promise.resolve();
  #isOver = false;
  #next = 0;
  #waiting: { count: number; done: () => void }[] = [];

  constructor(ports: readonly number[]) {
    this.#ports = ports;
  }

  start(clients: number): this {
    this.#clients = Promise.all(Array.from({ length: clients }, () => this.#client()));
    return this;
  }

  /** Resolves after so many more have ended. */
  more(count: number): Promise<void> {
    return new Promise((done) => this.#waiting.push({ count: this.ended.length + count, done }));
  }

  leaveOut(node: number, isAway: boolean): void {
    if (isAway) this.#away.add(node);
    else this.#away.delete(node);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#clients;
    this.#agent.destroy();
  }

  async #client(): Promise<void> {
    while (!this.#isOver) {
      const id = this.#next++;
      const up = [...this.#ports.keys()].filter((node) => !this.#away.has(node));
      const node = up[id % up.length] as number;
      const asked = mixedRequest(id);
      const seen = await this.#ask(asked, this.#ports[node] as number);
      this.ended.push({ ...asked, node, seen, atMs: performance.now() });
      this.#waiting = this.#waiting.filter(({ count, done }) => {
        if (this.ended.length < count) return true;
        done();
        return false;
      });
    }
  }

  #ask({ id, path, body, outcome }: MixedRequest, port: number): Promise<Ended['seen']> {
    return new Promise((resolve) => {
      const headers = {
        authorization: `Bearer ${processKey}`,
        'content-type': 'application/json',
        'x-request-id': `client-${id}`,
      };
      const call = request({ host: '127.0.0.1', port, path, method: 'POST', agent: this.#agent, headers });
      call.on('error', () => resolve(undefined));
      call.on('response', (answer) => {
        if (outcome === 'left') answer.once('data', () => void (resolve('left'), call.destroy()));
        void wholeOf(answer).then((text) => resolve(seenIn(answer.statusCode, text)));
      });
      call.end(JSON.stringify(body));
    });
  }
}

function seenIn(status: number | undefined, text: string | undefined): Ended['seen'] {
  if (text === undefined) return undefined;
  if (status === 400) return 'refused';
  return status === 200 && text.includes('five.') ? 'answered' : undefined;
}

function wholeOf(answer: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    answer.on('error', () => resolve(undefined));
    answer.on('end', () => resolve(answer.complete ? text : undefined));
  });
}
