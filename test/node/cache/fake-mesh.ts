import type { Mesh } from '../../../cluster/contract.ts';
import type { Member, MembershipObserver } from '../../../cluster/membership/contract.ts';
import type { Body, PostObserver } from '../../../cluster/post/contract.ts';
import type { Confirmation, ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import { isFault } from '../../../kit/fault.ts';
import { seededRandom, type Random } from '../../../kit/random.ts';
import type { CacheMesh } from '../../../node/cache/contract.ts';
import { MeshSide } from '../../../node/cache/mesh/mesh-side.ts';
import { ResponseCache } from '../../../node/cache/response-cache.ts';
import { ManualClock } from '../../manual-clock.ts';

type Watcher = Parameters<Mesh['records']['watch']>[1];
type Handler = (from: string, body: Body) => void;

export interface FakeMeshOptions {
  nodes?: number;
  seed?: number;
  /** Milliseconds that a message takes, at least and at most. */
  delayMs?: [number, number];
  /** Who owns all keys; by default the key's hash decides. */
  owner?: string;
}

/** A few caches joined by messages in memory: each late, in any order, or lost, as the test wants it. */
export class FakeMesh {
  readonly clock = new ManualClock();
  readonly random: Random;
  readonly nodes: FakeNode[];
  readonly #options: FakeMeshOptions;
  /** Share of messages about the cache that get lost. */
  loss = 0;
  /** Every message about the cache: kind, from, to. */
  readonly sent: string[] = [];

  constructor(options: FakeMeshOptions = {}) {
    this.#options = options;
    this.random = seededRandom(options.seed ?? 1);
    const ids = Array.from({ length: options.nodes ?? 3 }, (_, index) => `n${index + 1}`);
    this.nodes = ids.map((id) => new FakeNode(id, this));
    for (const node of this.nodes) node.begin();
  }

  node(id: string): FakeNode {
    const found = this.nodes.find((each) => each.id === id);
    if (found === undefined) throw new Error(`no node ${id}`);
    return found;
  }

  owner(key: string): string {
    const live = this.nodes.filter(({ isUp }) => isUp);
    const owner = this.#options.owner ?? live[key.charCodeAt(key.length - 1) % live.length]?.id;
    return owner ?? '';
  }

  deliver(action: () => void): void {
    const [min, max] = this.#options.delayMs ?? [1, 1];
    this.clock.after(min + this.random.next() * (max - min), action);
  }

  /** Whether messages pass between two. */
  connects(one: FakeNode, other: FakeNode): boolean {
    return one.isUp && other.isUp && !one.away.has(other.id) && !other.away.has(one.id);
  }

  /** The process ends; the others notice at once. */
  kill(id: string): void {
    this.node(id).isUp = false;
    for (const other of this.nodes) if (other.isUp) other.lose(id);
  }
}

export class FakeNode {
  readonly id: string;
  readonly mesh: FakeMesh;
  readonly away = new Set<string>();
  isUp = true;
  isCurrent = true;
  /** Takes messages and answers none. */
  isFrozen = false;
  cache!: ResponseCache;
  side!: MeshSide;
  readonly refused: string[] = [];
  readonly #handlers = new Map<string, Handler>();
  readonly #postObservers: PostObserver[] = [];
  readonly #memberObservers: MembershipObserver[] = [];
  readonly #watchers: { table: string; listener: Watcher }[] = [];
  readonly #records = new Map<string, ReplicatedRecord>();
  #count = 0;

  constructor(id: string, mesh: FakeMesh) {
    this.id = id;
    this.mesh = mesh;
  }

  begin(): void {
    this.cache = new ResponseCache({ isEnabled: true, bytesMax: 1024 * 1024, ttlMs: 600_000 }, this.mesh.clock);
    this.side = new MeshSide(this.#face(), this.cache, this.mesh.clock);
    this.cache.neighbours = this.side;
  }

  /** Hands a message over as if it came from another member. */
  receive(from: string, kind: string, body: Body): void {
    if (!this.isUp || this.isFrozen) return;
    try {
      this.#handlers.get(kind)?.(from, body);
    } catch (error) {
      if (!isFault(error)) throw error;
      this.refused.push(error.code);
    }
  }

  lose(id: string): void {
    for (const observer of this.#postObservers) observer.lost?.(id);
    for (const observer of this.#memberObservers) {
      observer.memberChanged?.({ nodeId: id, isSelf: false, state: 'dead' } as Member, 'alive');
    }
  }

  records(table: string): ReplicatedRecord[] {
    return [...this.#records.values()].filter((record) => record.table === table && !record.isDeleted);
  }

  /** A record arrived, or was written here. */
  take(record: ReplicatedRecord): void {
    const key = `${record.table}/${record.id}`;
    const known = this.#records.get(key);
    if (known !== undefined && !isNewer(record, known)) return;
    this.#records.set(key, record);
    for (const { table, listener } of this.#watchers) {
      if (table === record.table) listener(record, record.writer === this.id ? 'own' : 'remote');
    }
  }

  /** All that the other has, as a comparison brings it. */
  catchUp(other: FakeNode): void {
    for (const record of other.#records.values()) this.take(record);
  }

  #send(to: string, kind: string, body: Body): boolean {
    const other = this.mesh.node(to);
    if (!this.mesh.connects(this, other)) return false;
    this.mesh.sent.push(`${kind} ${this.id} ${to}`);
    if (this.mesh.random.next() < this.mesh.loss) return true;
    const copy: Body = structuredClone(body);
    this.mesh.deliver(() => {
      if (this.mesh.connects(this, other)) other.receive(this.id, kind, copy);
    });
    return true;
  }

  #write(table: string, id: string, payload: unknown, isDeleted: boolean): ReplicatedRecord {
    const stamp = { major: this.mesh.clock.nowMs(), minor: ++this.#count };
    const record = { table, id, stamp, writer: this.id, payload, isDeleted };
    this.take(record);
    for (const other of this.mesh.nodes) {
      if (other !== this) this.mesh.deliver(() => this.mesh.connects(this, other) && other.take(record));
    }
    return record;
  }

  #confirm(record: ReplicatedRecord, timeoutMs: number, done: (outcome: Confirmation) => void): void {
    const others = this.mesh.nodes.filter((node) => node !== this && node.isUp);
    const acknowledged = [this.id];
    let isDone = false;
    const finish = () => {
      if (isDone) return;
      isDone = true;
      timer.cancel();
      const missing = others.map(({ id }) => id).filter((id) => !acknowledged.includes(id));
      done({ acknowledged, missing, isDurable: true });
    };
    const timer = this.mesh.clock.after(timeoutMs, finish);
    for (const other of others) {
      this.mesh.deliver(() => {
        if (!this.mesh.connects(this, other)) return;
        other.take(record);
        this.mesh.deliver(() => {
          acknowledged.push(other.id);
          if (acknowledged.length === others.length + 1) finish();
        });
      });
    }
    if (others.length === 0) finish();
  }

  #face(): CacheMesh {
    const mesh = this.mesh;
    const live = () => mesh.nodes.filter(({ isUp }) => isUp).map(({ id }) => ({ nodeId: id }) as Member);
    const refuse = () => {
      throw new Error('the cache does not use this');
    };
    return {
      self: this.id,
      members: {
        get self(): Member {
          return refuse();
        },
        get all() {
          return live();
        },
        get live() {
          return live();
        },
        version: 0,
        awareness: 0,
        get: refuse,
        isLive: (id) => mesh.node(id).isUp,
        observe: (observer) => void this.#memberObservers.push(observer),
      },
      post: {
        self: this.id,
        reachable: refuse,
        isReachable: (id) => mesh.connects(this, mesh.node(id)),
        send: (to, kind, body) => this.#send(to, kind, body),
        broadcast: refuse,
        on: (kind, handler) => void this.#handlers.set(kind, handler),
        ask: refuse,
        serve: refuse,
        observe: (observer) => void this.#postObservers.push(observer),
      },
      records: {
        put: (table, id, payload) => this.#write(table, id, payload, false),
        putStamped: refuse,
        remove: (table, id) => this.#write(table, id, undefined, true),
        get: (table, id) => this.records(table).find((record) => record.id === id),
        list: (table) => this.records(table).values(),
        watch: (table, listener) => void this.#watchers.push({ table, listener }),
        confirm: (record, timeoutMs, done) => this.#confirm(record, timeoutMs, done),
        isCurrent: () => this.isCurrent,
        whenCurrent: refuse,
        digest: refuse,
      },
      ring: { owner: (key) => mesh.owner(key), isOwn: (key) => mesh.owner(key) === this.id },
    };
  }
}

/** n3 owns everything; n1 and n2 ask it. */
export function three() {
  const mesh = new FakeMesh({ owner: 'n3' });
  const [n1, n2, n3] = mesh.nodes as [FakeNode, FakeNode, FakeNode];
  return { mesh, n1, n2, n3, pass: (ms = 10) => mesh.clock.advance(ms) };
}

function isNewer({ stamp, writer }: ReplicatedRecord, other: ReplicatedRecord): boolean {
  if (stamp.major !== other.stamp.major) return stamp.major > other.stamp.major;
  if (stamp.minor !== other.stamp.minor) return stamp.minor > other.stamp.minor;
  return writer > other.writer;
}
