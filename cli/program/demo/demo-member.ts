import { setTimeout as wait } from 'node:timers/promises';
import type { Secret } from '../../../kit/secret.ts';
import { AdminClient } from '../admin/admin-client.ts';
import { type ClusterStatus, readStatus } from '../cluster/cluster-status.ts';
import { spawnMember } from '../supervise/spawn-node.ts';
import type { Exit, SupervisedProcess } from '../supervise/supervised-process.ts';
import type { Terminal } from '../terminal.ts';

export interface MemberPlan {
  /** From 1. */
  index: number;
  /** Of all members, in their order. */
  ports: readonly number[];
  meshPorts: readonly number[];
  /** Configuration that all share. */
  file: string;
  key: Secret;
  terminal: Terminal;
}

/** Far above the drain timeout of nodes without open streams. */
const drainMs = 15_000;

/** A node of the demo: a process of its own, started as `aiproxy cluster up` starts one. */
export class DemoMember {
  readonly id: string;
  readonly address: string;
  readonly url: string;
  readonly admin: AdminClient;
  readonly #plan: MemberPlan;
  #process: SupervisedProcess | undefined;
  #exit: Exit | undefined;

  constructor(plan: MemberPlan) {
    this.#plan = plan;
    this.id = `node${plan.index}`;
    this.address = `127.0.0.1:${plan.ports[plan.index - 1]}`;
    this.url = `http://${this.address}`;
    this.admin = new AdminClient({ url: this.url, key: plan.key });
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#process !== undefined && this.#exit === undefined;
  }

  get isReady(): boolean {
    return this.#process?.isReady === true;
  }

  /** Resolves when it is ready for requests; rejects when it ends before. */
  async start(): Promise<void> {
    const { index, ports, meshPorts, file, terminal } = this.#plan;
    const plan = { role: 'member', index, count: ports.length, ports, meshPorts, isTerminal: true } as const;
    const process = spawnMember({ args: ['--config', file], terminal, plan, name: this.id });
    this.#process = process;
    this.#exit = undefined;
    void process.exited.then((exit) => {
      if (this.#process === process) this.#exit = exit;
    });
    const exit = await Promise.race([process.ready, process.exited]);
    if (exit !== undefined) throw new Error(`${this.id} ended at its start (${exit.signal ?? exit.code})`);
  }

  /** SIGKILL: nothing is said, finished or handed over. Resolves once it is gone. */
  async kill(): Promise<void> {
    this.#process?.kill();
    await this.#process?.exited;
  }

  /** Drains and ends it; kills what is not up yet, or does not end in time. */
  async stop(): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    if (!process.isReady) return this.kill();
    const isDone = new AbortController();
    process.stop();
    const late = wait(drainMs, undefined, { signal: isDone.signal })
      .then(() => process.kill())
      // It ended in time: that is the abort below.
      .catch(() => undefined);
    await process.exited;
    isDone.abort();
    await late;
  }

  async exited(): Promise<Exit | undefined> {
    return await this.#process?.exited;
  }

  async status(): Promise<ClusterStatus> {
    return readStatus(await this.admin.get('/cluster/status'));
  }
}
