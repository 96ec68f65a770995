import { expect } from 'vitest';
import type { NodeProcess } from '../node-process.ts';
import type { MeshOfProcesses } from './mesh-of-processes.ts';

/** Calls to the nodes of a mesh, by index. */
export class MeshClient {
  readonly mesh: MeshOfProcesses;

  constructor(mesh: MeshOfProcesses) {
    this.mesh = mesh;
  }

  node(index: number): NodeProcess {
    const node = this.mesh.nodes[index];
    if (node === undefined) throw new Error(`there is no node ${index}`);
    return node;
  }

  async json(index: number, path: string): Promise<Record<string, unknown>> {
    return (await (await this.node(index).fetch(path)).json()) as Record<string, unknown>;
  }

  /** A management call that must succeed. */
  async manage(index: number, method: string, path: string, body?: unknown): Promise<void> {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await this.node(index).fetch(path, { method, ...init });
    expect(answer.status, `${method} ${path}`).toBeLessThan(300);
    await answer.arrayBuffer();
  }

  /** A question that is answered whole. */
  async ask(index: number, model: string, more: AskOptions = {}): Promise<Answered> {
    const answer = await this.node(index).fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...more.headers },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: more.prompt ?? 'mesh' }] }),
    });
    await answer.arrayBuffer();
    return {
      status: answer.status,
      account: answer.headers.get('x-aiproxy-account') ?? '',
      cache: answer.headers.get('x-aiproxy-cache') ?? '',
    };
  }

  breakerOf(index: number, accountId: string): Promise<boolean> {
    return this.json(index, `/accounts/${accountId}`).then(({ circuit_breaker_open }) => circuit_breaker_open === true);
  }
}

export interface AskOptions {
  readonly prompt?: string;
  readonly headers?: Record<string, string>;
}

export interface Answered {
  readonly status: number;
  readonly account: string;
  readonly cache: string;
}
