import { expect } from 'vitest';
import type { MeshClient } from './mesh-client.ts';

export interface Person {
  readonly id: string;
  readonly username: string;
  readonly password: string;
}

export interface MadeKey {
  readonly id: string;
  /** The key itself. */
  readonly key: string;
}

/** An answer to a question, with when it was sent and had come, milliseconds of `performance.now()`. */
export interface Timed {
  readonly node: number;
  readonly status: number;
  readonly sentMs: number;
  readonly cameMs: number;
}

/** What was asked without pause while something was changed. */
export interface Watched {
  readonly answers: readonly Timed[];
  /** When the change was begun, and when its call had returned. */
  readonly begunMs: number;
  readonly doneMs: number;
}

const password = 'correct horse battery staple';

/** Clients that ask each member at the same time, so that one waits while another is answered. */
const askersEach = 2;
/** Answers of each member that are waited for before a change and after it. */
const answersEach = 25;

/** Users and keys as an admin makes them through one member, and what they are answered by each. */
export class MeshPeople {
  readonly client: MeshClient;
  readonly model: string;

  constructor(client: MeshClient, model: string) {
    this.client = client;
    this.model = model;
  }

  async addUser(index: number, username: string, role = 'user'): Promise<Person> {
    const { id } = await this.#made(index, '/users', { username, password, role });
    return { id: String(id), username, password };
  }

  async addKey(index: number, fields: Record<string, unknown>): Promise<MadeKey> {
    const { id, key } = await this.#made(index, '/keys', fields);
    return { id: String(id), key: String(key) };
  }

  /** An access token. */
  async login(index: number, { username, password }: Person): Promise<string> {
    const { access_token: token } = await this.#made(index, '/auth/login', { username, password }, 200);
    return String(token);
  }

  /** What a member answers to a small question under this credential. */
  async ask(index: number, credential: string, prompt = 'as whom'): Promise<number> {
    const headers = { authorization: `Bearer ${credential}` };
    return (await this.client.ask(index, this.model, { prompt, headers })).status;
  }

  askAll(credential: string): Promise<number[]> {
    return Promise.all(this.client.mesh.ids.map((_, index) => this.ask(index, credential)));
  }

  /** What each member says of a page of its own under this credential. */
  statusesOf(path: string, credential: string): Promise<number[]> {
    const headers = { authorization: `Bearer ${credential}` };
    return Promise.all(
      this.client.mesh.nodes.map(async (node) => {
        const answer = await node.fetch(path, { headers });
        await answer.arrayBuffer();
        return answer.status;
      }),
    );
  }

  /** Asks all members without pause from before the change until long after its call has returned. */
  async watch(credential: string, change: () => Promise<unknown>): Promise<Watched> {
    const answers: Timed[] = [];
    const end = new AbortController();
    const asker = async (node: number) => {
      while (!end.signal.aborted) {
        const sentMs = performance.now();
        const status = await this.ask(node, credential, `at ${sentMs}`);
        answers.push({ node, status, sentMs, cameMs: performance.now() });
      }
    };
    const indices = [...this.client.mesh.ids.keys()];
    const askers = indices.flatMap((node) => Array.from({ length: askersEach }, () => asker(node)));
    const sinceEach = async (sinceMs: number) => {
      const isEnough = (node: number) =>
        answers.filter((answer) => answer.node === node && answer.sentMs > sinceMs).length >= answersEach;
      while (!indices.every(isEnough)) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    try {
      await sinceEach(0);
      const begunMs = performance.now();
      await change();
      const doneMs = performance.now();
      await sinceEach(doneMs);
      return { answers, begunMs, doneMs };
    } finally {
      end.abort();
      await Promise.all(askers);
    }
  }

  async #made(index: number, path: string, body: unknown, status = 201): Promise<Record<string, unknown>> {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', body: JSON.stringify(body), headers };
    const answer = await this.client.node(index).fetch(path, init);
    const text = await answer.text();
    expect(answer.status, `${path}: ${text.slice(0, 300)}`).toBe(status);
    return JSON.parse(text) as Record<string, unknown>;
  }
}
