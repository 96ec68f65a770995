import { MajorityIntents } from '../../../cluster/intents/majority-intents.ts';
import type { IntentStore, StoredIntent } from '../../../cluster/intents/contract.ts';
import type { VoteState, VoteStore } from '../../../cluster/leader/contract.ts';
import { Election } from '../../../cluster/leader/election.ts';
import type { NodeId } from '../../../cluster/membership/contract.ts';
import type { Body, Post, PostObserver } from '../../../cluster/post/contract.ts';
import { timings, type Timing } from '../../../cluster/timing.ts';
import { isFault } from '../../../kit/fault.ts';
import { silentLog } from '../../../kit/log.ts';
import { seededRandom, type Random } from '../../../kit/random.ts';
import { SimulatedMembership } from './simulated-membership.ts';
import { ProcessClock, SimulatedTime } from './simulated-time.ts';

export interface NetworkFaults {
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
  /** Share of frames lost. */
  readonly loss: number;
  /** Share of frames that arrive twice. */
  readonly duplication: number;
}

export const calm: NetworkFaults = { delayMinMs: 0.2, delayMaxMs: 2, loss: 0, duplication: 0 };

export interface NodeOptions {
  readonly founding?: readonly NodeId[];
  readonly voters?: readonly NodeId[];
  readonly policy?: 'majority' | 'available';
  /** How fast its monotonic clock runs. */
  readonly rate?: number;
}

interface Disk {
  vote: VoteState | undefined;
  readonly intents: Map<string, readonly StoredIntent[]>;
}

export interface MeshOptions {
  readonly seed: number;
  readonly faults?: NetworkFaults;
  readonly timing?: Partial<Timing>;
}

/** Members whose silence has lasted so long are dead to those who do not hear them. */
const deathMs = 1500;
const viewPeriodMs = 250;

/** A mesh in which everything is simulated but the election and the intents. Addresses are node ids. */
export class SimulatedMesh {
  readonly time = new SimulatedTime();
  readonly random: Random;
  readonly timing: Timing;
  readonly nodes = new Map<NodeId, SimulatedNode>();
  readonly violations: string[] = [];
  faults: NetworkFaults;
  /** `from>to` of links that carry nothing. */
  readonly cut = new Set<string>();
  /** Disks refuse. */
  readonly failingDisks = new Set<NodeId>();
  /** The longest that a write may take. */
  writeMaxMs = 8.5;
  readonly #disks = new Map<NodeId, Disk>();
  readonly #terms = new Map<NodeId, number>();
  readonly #opens = new Map<string, boolean>();

  constructor({ seed, faults = calm, timing = {} }: MeshOptions) {
    this.random = seededRandom(seed);
    this.faults = faults;
    this.timing = { ...timings.lan, ...timing };
    this.#refreshLater();
  }

  /** A process starts, with the disk that a node of this id left behind. */
  start(id: NodeId, options: NodeOptions = {}): SimulatedNode {
    const disk = this.#disks.get(id) ?? { vote: undefined, intents: new Map() };
    this.#disks.set(id, disk);
    const node = new SimulatedNode(this, id, options, disk);
    this.nodes.set(id, node);
    this.refresh();
    node.start();
    this.refresh();
    return node;
  }

  kill(id: NodeId): void {
    const node = this.nodes.get(id);
    if (node === undefined) return;
    node.clock.isDead = true;
    node.isUp = false;
    this.refresh();
  }

  /** As `kill`, but it said that it leaves. */
  leave(id: NodeId): void {
    for (const other of this.nodes.values()) if (other.id !== id) other.membership.say(id, 'left');
    this.kill(id);
  }

  wipe(id: NodeId): void {
    this.#disks.delete(id);
    this.#terms.delete(id);
  }

  diskOf(id: NodeId): Disk | undefined {
    return this.#disks.get(id);
  }

  run(forMs: number): void {
    this.time.run(this.time.nowMs + forMs, () => this.#check());
  }

  /** Runs until it holds; a simulation that never gets there fails. */
  runUntil(isThere: () => boolean, withinMs: number): number {
    const startedMs = this.time.nowMs;
    while (!isThere()) {
      if (this.time.nowMs - startedMs > withinMs)
        throw new Error(`Not there within ${withinMs} ms: ${this.describe()}`);
      this.run(10);
    }
    return this.time.nowMs - startedMs;
  }

  up(): SimulatedNode[] {
    return [...this.nodes.values()].filter(({ isUp }) => isUp);
  }

  leaders(): SimulatedNode[] {
    return this.up().filter(({ election }) => election.leaseLeftMs() > 0);
  }

  /** Splits into groups that do not hear each other; those not named hear nobody. */
  split(...groups: (readonly NodeId[])[]): void {
    this.cut.clear();
    const groupOf = (id: NodeId) => groups.findIndex((group) => group.includes(id));
    for (const from of this.nodes.keys()) {
      for (const to of this.nodes.keys()) if (groupOf(from) !== groupOf(to)) this.cut.add(`${from}>${to}`);
    }
    this.refresh();
  }

  heal(): void {
    this.cut.clear();
    this.refresh();
  }

  isCarried(from: NodeId, to: NodeId): boolean {
    return !this.cut.has(`${from}>${to}`) && this.nodes.get(to)?.isUp === true && this.nodes.get(from)?.isUp === true;
  }

  /** Connections need both directions to be opened. */
  isConnected(one: NodeId, other: NodeId): boolean {
    return one !== other && this.isCarried(one, other) && this.isCarried(other, one);
  }

  deliver(from: NodeId, to: NodeId, isLossy: boolean, action: (node: SimulatedNode) => void): void {
    const { delayMinMs, delayMaxMs, loss, duplication } = this.faults;
    if (isLossy && this.random.next() < loss) return;
    const copies = isLossy && this.random.next() < duplication ? 2 : 1;
    const target = this.nodes.get(to);
    for (let copy = 0; copy < copies; copy++) {
      const delayMs = delayMinMs + this.random.next() * (delayMaxMs - delayMinMs);
      this.time.at(this.time.nowMs + delayMs, () => {
        if (target === undefined || this.cut.has(`${from}>${to}`)) return;
        target.clock.whenAwake(() => action(target));
      });
    }
  }

  /** Opens and closes connections as links are, and lets members die and come back in each other's eyes. */
  refresh(): void {
    for (const one of this.nodes.values()) {
      if (!one.isUp) continue;
      for (const other of this.nodes.values()) if (one !== other) this.#refreshPair(one, other.id);
    }
  }

  describe(): string {
    return this.up()
      .map(({ id, election }) => `${id} t${election.term} leads ${election.leader} ${JSON.stringify(election.config)}`)
      .join('\n');
  }

  #refreshPair(one: SimulatedNode, other: NodeId): void {
    const isOpen = this.isConnected(one.id, other);
    const key = `${one.id}.${one.process}>${other}.${this.nodes.get(other)?.process}`;
    const wasOpen = this.#opens.get(key) === true;
    this.#opens.set(key, isOpen);
    if (isOpen) one.membership.heardAt.set(other, this.time.nowMs);
    if (isOpen && !wasOpen) {
      one.membership.say(other, 'alive');
      const process = this.nodes.get(other)?.process;
      this.time.at(this.time.nowMs + 1, () =>
        one.clock.whenAwake(() => process === this.nodes.get(other)?.process && one.post.tellReached(other)),
      );
    }
    const silentMs = this.time.nowMs - (one.membership.heardAt.get(other) ?? this.time.nowMs);
    if (!isOpen && silentMs > deathMs && one.membership.isLive(other)) one.membership.say(other, 'dead');
  }

  #refreshLater(): void {
    this.time.at(this.time.nowMs + viewPeriodMs, () => {
      this.refresh();
      this.#refreshLater();
    });
  }

  #check(): void {
    const leaders = new Map<string, NodeId>();
    for (const { id, election } of this.nodes.values()) {
      if (this.nodes.get(id)?.isUp !== true) continue;
      const before = this.#terms.get(id) ?? 0;
      if (election.term < before) this.violations.push(`the term of ${id} fell from ${before} to ${election.term}`);
      this.#terms.set(id, Math.max(before, election.term));
      if (election.leaseLeftMs() <= 0) continue;
      const cluster = election.config?.clusterId ?? 'none';
      const other = leaders.get(cluster);
      if (other !== undefined) this.violations.push(`${other} and ${id} hold a lease at ${this.time.nowMs}`);
      leaders.set(cluster, id);
    }
  }
}

let processes = 0;

export class SimulatedNode {
  readonly id: NodeId;
  readonly process = ++processes;
  readonly clock: ProcessClock;
  readonly post: SimulatedPost;
  readonly membership: SimulatedMembership;
  readonly election: Election;
  readonly intents: MajorityIntents;
  isUp = true;

  constructor(mesh: SimulatedMesh, id: NodeId, options: NodeOptions, disk: Disk) {
    this.id = id;
    this.clock = new ProcessClock(mesh.time, options.rate ?? 1);
    this.post = new SimulatedPost(mesh, id, this.clock);
    this.membership = new SimulatedMembership(id, this.process);
    const environment = { clock: this.clock, random: mesh.random, log: silentLog, timing: mesh.timing };
    const { post, membership } = this;
    this.election = new Election({
      ...environment,
      post,
      membership,
      store: this.#voteStore(mesh, disk),
      kept: disk.vote,
      founding: [...(options.founding ?? [id])].toSorted(),
      ownAddress: id,
      voters: options.voters ?? [],
      policy: options.policy ?? 'majority',
    });
    this.intents = new MajorityIntents({
      ...environment,
      post,
      membership,
      leadership: this.election,
      store: this.#intentStore(mesh, disk),
      kept: [...disk.intents.values()].flat(),
    });
  }

  start(): void {
    this.election.start();
    this.intents.start();
  }

  /** A write reaches the disk some milliseconds later, or not when the process is killed before. */
  #write(mesh: SimulatedMesh, apply: () => void, done: (error?: unknown) => void): void {
    const delayMs = 0.5 + mesh.random.next() * (mesh.writeMaxMs - 0.5);
    mesh.time.at(mesh.time.nowMs + delayMs, () => {
      const isLost = this.clock.isDead && mesh.random.next() < 0.5;
      const isRefused = mesh.failingDisks.has(this.id);
      if (!isLost && !isRefused) apply();
      this.clock.whenAwake(() => done(isRefused ? new Error('disk full') : undefined));
    });
  }

  #voteStore(mesh: SimulatedMesh, disk: Disk): VoteStore {
    return {
      save: (state, done) => this.#write(mesh, () => (disk.vote = structuredClone(state)), done),
    };
  }

  #intentStore(mesh: SimulatedMesh, disk: Disk): IntentStore {
    let pending: (() => void)[] = [];
    const flush = () => {
      const [next] = pending;
      next?.();
    };
    return {
      save: (intents, done) => {
        const byKey = Map.groupBy(intents, ({ key }) => key);
        pending.push(() =>
          this.#write(
            mesh,
            () => {
              for (const [key, kept] of byKey) disk.intents.set(key, structuredClone(kept));
            },
            (error) => {
              pending = pending.slice(1);
              done(error);
              flush();
            },
          ),
        );
        if (pending.length === 1) flush();
      },
    };
  }
}

class SimulatedPost implements Post {
  readonly self: NodeId;
  readonly #mesh: SimulatedMesh;
  readonly #clock: ProcessClock;
  readonly #handlers = new Map<string, (from: NodeId, body: Body) => void>();
  readonly #services = new Map<string, (from: NodeId, body: Body, answer: (body: Body) => void) => void>();
  readonly #observers: PostObserver[] = [];
  /** Messages that a handler refused as malformed. */
  readonly refused: string[] = [];
  sent = 0;

  constructor(mesh: SimulatedMesh, self: NodeId, clock: ProcessClock) {
    this.self = self;
    this.#mesh = mesh;
    this.#clock = clock;
  }

  reachable(): readonly NodeId[] {
    return [...this.#mesh.nodes.keys()].filter((id) => this.isReachable(id));
  }

  isReachable(node: NodeId): boolean {
    return (
      node !== this.self && this.#mesh.nodes.get(node)?.isUp === true && !this.#mesh.cut.has(`${this.self}>${node}`)
    );
  }

  send(to: NodeId, kind: string, body: Body): boolean {
    if (this.#clock.isDead || !this.isReachable(to)) return false;
    const copy = structuredClone(body);
    this.sent++;
    this.#mesh.deliver(this.self, to, true, ({ post }) => post.receive(this.self, kind, copy));
    return true;
  }

  broadcast(kind: string, body: Body): number {
    return this.reachable().filter((node) => this.send(node, kind, body)).length;
  }

  on(kind: string, handler: (from: NodeId, body: Body) => void): void {
    this.#handlers.set(kind, handler);
  }

  receive(from: NodeId, kind: string, body: Body): void {
    this.guarded(() => this.#handlers.get(kind)?.(from, body));
  }

  ask(to: NodeId, service: string, body: Body, timeoutMs: number, done: (answer: Body | undefined) => void): void {
    let isDone = false;
    const finish = (answer: Body | undefined) => {
      if (isDone) return;
      isDone = true;
      done(answer);
    };
    this.#clock.after(timeoutMs, () => finish(undefined));
    if (!this.isReachable(to)) return void this.#clock.after(0, () => finish(undefined));
    const copy = structuredClone(body);
    this.#mesh.deliver(this.self, to, true, ({ post }) =>
      post.guarded(() =>
        post.#services.get(service)?.(this.self, copy, (answer) => {
          const answered = structuredClone(answer);
          this.#mesh.deliver(to, this.self, true, (node) => node.post === this && finish(answered));
        }),
      ),
    );
  }

  serve(service: string, handler: (from: NodeId, body: Body, answer: (body: Body) => void) => void): void {
    this.#services.set(service, handler);
  }

  observe(observer: PostObserver): void {
    this.#observers.push(observer);
  }

  tellReached(node: NodeId): void {
    for (const observer of this.#observers) observer.reached?.(node);
  }

  guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!isFault(error)) throw error;
      this.refused.push(error.code);
    }
  }
}
