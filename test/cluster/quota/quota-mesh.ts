import type { Leadership, LeadershipObserver, VoterConfig } from '../../../cluster/leader/contract.ts';
import type { NodeId } from '../../../cluster/membership/contract.ts';
import type { KeptQuotas, Quota, QuotaRule, QuotaStore } from '../../../cluster/quota/contract.ts';
import { SharedQuotas } from '../../../cluster/quota/shared-quotas.ts';
import { timings } from '../../../cluster/timing.ts';
import { silentLog } from '../../../kit/log.ts';
import { StateMesh, type MeshNode } from '../state-mesh/state-mesh.ts';

/** Voters and leader as a test says. */
export class SetLeadership implements Leadership {
  leader: NodeId | undefined = 'n1';
  term = 1;
  isSelf = false;
  config: VoterConfig | undefined;
  electionsStarted = 0;
  electionsWon = 0;
  readonly observers: LeadershipObserver[] = [];

  leaseLeftMs(): number {
    return 0;
  }

  observe(observer: LeadershipObserver): void {
    this.observers.push(observer);
  }

  resign(done: () => void): void {
    done();
  }

  removeVoter(_node: NodeId, _isForced: boolean, done: (refusal?: string) => void): void {
    done();
  }
}

/** A disk for what a node keeps of its quotas. */
export class QuotaDisk implements QuotaStore {
  kept: KeptQuotas | undefined;
  saves = 0;
  failure: Error | undefined;
  /** Holds writes up until they are let go. */
  isSlow = false;
  readonly #waiting: (() => void)[] = [];

  save(kept: KeptQuotas, done: (error?: unknown) => void): void {
    const copy = structuredClone(kept);
    const write = () => {
      this.saves++;
      if (this.failure === undefined) this.kept = copy;
      done(this.failure);
    };
    if (this.isSlow) this.#waiting.push(write);
    else write();
  }

  /** Completes what waits. */
  flush(): void {
    for (const write of this.#waiting.splice(0)) write();
  }
}

export interface QuotaNode extends MeshNode {
  readonly quotas: SharedQuotas;
  readonly leadership: SetLeadership;
  readonly disk: QuotaDisk;
}

export interface StartOptions {
  disk?: QuotaDisk;
  config?: VoterConfig | undefined;
  isAlone?: boolean;
  /** The cluster is younger than this process. */
  isFounder?: boolean;
}

export const minuteMs = 60_000;

/** Several nodes' quotas over one simulated network and clock. */
export class QuotaMesh {
  readonly mesh: StateMesh;
  readonly nodes = new Map<NodeId, QuotaNode>();
  ruleOf: (bucket: string) => QuotaRule | undefined = () => ({ limit: 600, windowMs: minuteMs });
  /** What was taken, by bucket, in the order of time. */
  readonly taken: { readonly atMs: number; readonly amount: number; readonly node: NodeId }[] = [];

  constructor(seed = 1) {
    this.mesh = new StateMesh(seed);
  }

  get nowMs(): number {
    return this.mesh.clock.monotonicMs();
  }

  start(
    id: NodeId,
    { disk = new QuotaDisk(), config, isAlone = false, isFounder = true }: StartOptions = {},
  ): QuotaNode {
    const meshNode = this.mesh.start(id);
    const leadership = new SetLeadership();
    leadership.config = config;
    const quotas = new SharedQuotas({
      clock: meshNode.clock,
      random: this.mesh.random,
      log: silentLog,
      timing: timings.loopback,
      post: meshNode.post,
      membership: meshNode.membership,
      state: meshNode.gossip,
      leadership,
      store: disk,
      kept: disk.kept,
      isAlone,
    });
    quotas.setRules((bucket) => this.ruleOf(bucket));
    const node = { ...meshNode, quotas, leadership, disk };
    this.nodes.set(id, node);
    if (isFounder) for (const observer of leadership.observers) observer.clusterTaken?.(true);
    quotas.start();
    return node;
  }

  /** Ends a process as it stands. */
  kill(id: NodeId): QuotaDisk {
    const { quotas, disk } = this.node(id);
    quotas.stop();
    this.nodes.delete(id);
    this.mesh.kill(id);
    for (const other of this.nodes.keys()) this.mesh.believe(other, id, 'dead');
    return disk;
  }

  /** Ends a process in order. */
  leave(id: NodeId): QuotaDisk {
    this.node(id).quotas.close(() => undefined);
    this.advance(5);
    for (const other of this.nodes.keys()) if (other !== id) this.mesh.believe(other, id, 'left');
    return this.kill(id);
  }

  node(id: NodeId): QuotaNode {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }

  at(id: NodeId, bucket = 'key'): Quota {
    return this.node(id).quotas.at(bucket);
  }

  /** One that is told of by all, as agreed. */
  configure(...voters: NodeId[]): VoterConfig {
    const version =
      Math.max(0, ...[...this.nodes.values()].map(({ leadership }) => leadership.config?.version ?? 0)) + 1;
    const config = { clusterId: 'one', term: 1, version, voters };
    for (const { leadership } of this.nodes.values()) leadership.config = config;
    return config;
  }

  joinAll(): void {
    this.mesh.joinAll();
  }

  cut(left: NodeId, right: NodeId): void {
    this.mesh.network.disconnect(left, right);
    this.mesh.believe(left, right, 'dead');
    this.mesh.believe(right, left, 'dead');
  }

  mend(left: NodeId, right: NodeId): void {
    this.mesh.join(left, right);
  }

  advance(ms: number): void {
    this.mesh.advance(ms);
  }

  /** Takes if it can, asking others; what came of it is in `taken`. */
  request(id: NodeId, amount = 1, bucket = 'key', timeoutMs = 50): void {
    this.at(id, bucket).obtain(amount, timeoutMs, (isTaken) => {
      if (isTaken) this.taken.push({ atMs: this.nowMs, amount, node: id });
    });
  }

  /** Takes at once as often as it can. */
  drain(id: NodeId, bucket = 'key', atMost = 10_000): number {
    const quota = this.at(id, bucket);
    let count = 0;
    while (count < atMost && quota.take(1)) count++;
    for (let index = 0; index < count; index++) this.taken.push({ atMs: this.nowMs, amount: 1, node: id });
    return count;
  }

  takenBetween(fromMs: number, toMs: number): number {
    return this.taken.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).reduce((sum, { amount }) => sum + amount, 0);
  }

  /** The most that was taken in any window. */
  mostInAWindow(windowMs = minuteMs): number {
    let first = 0;
    let sum = 0;
    let most = 0;
    for (const { atMs, amount } of this.taken) {
      sum += amount;
      for (
        let oldest = this.taken[first];
        oldest !== undefined && oldest.atMs <= atMs - windowMs;
        oldest = this.taken[first]
      ) {
        sum -= oldest.amount;
        first++;
      }
      most = Math.max(most, sum);
    }
    return most;
  }
}

/** Voters `n1`, `n2` … who found a cluster and have agreed. */
export function quotaMeshOf(count: number, seed = 1): QuotaMesh {
  const mesh = new QuotaMesh(seed);
  for (let index = 1; index <= count; index++) mesh.start(`n${index}`);
  mesh.joinAll();
  mesh.configure(...mesh.nodes.keys());
  mesh.advance(1000);
  return mesh;
}
