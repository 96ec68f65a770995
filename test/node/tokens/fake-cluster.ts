import type { Mesh } from '../../../cluster/contract.ts';
import type { DoubtfulIntent, Grant, IntentRefusal, IntentRequest } from '../../../cluster/intents/contract.ts';
import type { LeadershipObserver } from '../../../cluster/leader/contract.ts';
import type { ReplicatedRecord, Stamp } from '../../../cluster/replicated/contract.ts';
import type { Clock } from '../../../kit/clock.ts';

export type TokenMesh = Pick<Mesh, 'self' | 'leadership' | 'intents' | 'records' | 'sealer' | 'post'>;

export const doubtMs = 30_000;
/** What no election led to, and is not refused yet. */
export const aheadStamp: Stamp = { major: 1_000_000, minor: 0 };

interface Noted {
  generation: string;
  holder: string;
  fence: { term: number; sequence: number };
  state: 'intended' | 'released';
  untilMs: number;
}

type Handler = (from: string, body: unknown, answer: (body: unknown) => void) => void;

/**
 * The mesh as the tokens see it, kept by its contracts and by one memory in the place of a majority: a leader by decree,
 * intents that exclude each other, records that reach whoever is connected, and news that is copied as on the wire.
 */
export class FakeCluster {
  readonly clock: Clock;
  readonly members = new Map<string, FakeMember>();
  readonly intents = new Map<string, Noted>();
  readonly spent = new Set<string>();
  hasMajority = true;
  leader: string | undefined;
  clusterId = 'fake';
  term = 0;
  sequence = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  join(self: string): FakeMember {
    const before = this.members.get(self);
    const member = new FakeMember(this, self, before?.kept ?? new Map());
    this.members.set(self, member);
    return member;
  }

  /** Undefined: nobody. */
  elect(leader: string | undefined): void {
    this.leader = leader;
    if (leader !== undefined) this.term++;
    for (const member of this.members.values()) member.announce();
  }

  /** The process dies: it hears nothing and says nothing from now on. Its records stay on its disk. */
  kill(self: string): void {
    const member = this.members.get(self);
    if (member !== undefined) member.isCut = true;
    if (this.leader === self) this.elect(undefined);
  }

  cut(self: string): void {
    this.members.get(self)!.isCut = true;
  }

  heal(self: string): void {
    const member = this.members.get(self)!;
    member.isCut = false;
    for (const tell of member.untold.splice(0)) tell();
    for (const other of this.members.values()) {
      if (other === member || other.isCut) continue;
      for (const record of other.kept.values()) member.receive(record);
      for (const record of member.kept.values()) other.receive(record);
    }
  }

  /** Whoever has the secret says this to all, under a name of theirs. */
  say(record: Partial<ReplicatedRecord>): void {
    const said = {
      table: 'tokens',
      id: 'q1',
      stamp: aheadStamp,
      writer: 'mallory',
      payload: 'garbage',
      isDeleted: false,
    };
    for (const member of this.members.values())
      if (!member.isCut) member.receive(structuredClone({ ...said, ...record }));
  }

  /** Every vote is lost with its disk: a cluster of another name is founded, and its terms begin at 1 again. */
  found(clusterId: string, leader: string): void {
    this.clusterId = clusterId;
    this.intents.clear();
    this.spent.clear();
    this.term = 0;
    this.sequence = 0;
    this.elect(leader);
  }

  spread(from: FakeMember, record: ReplicatedRecord): void {
    if (from.isCut) return;
    for (const other of this.members.values())
      if (other !== from && !other.isCut) other.receive(structuredClone(record));
  }
}

export class FakeMember implements TokenMesh {
  readonly self: string;
  readonly kept: Map<string, ReplicatedRecord>;
  isCut = false;
  /** Records pass it by; questions and answers do not. */
  isDeaf = false;
  /** False: a grant that was given no longer allows to begin, as after a freeze. */
  mayBegin = true;
  readonly #cluster: FakeCluster;
  readonly #watchers: ((record: ReplicatedRecord, origin: 'own' | 'remote' | 'kept') => void)[] = [];
  readonly #observers: LeadershipObserver[] = [];
  readonly #services = new Map<string, Handler>();
  questions = 0;
  /** What its records throw, while they refuse. */
  refusal: Error | undefined;
  readonly untold: (() => void)[] = [];

  constructor(cluster: FakeCluster, self: string, kept: Map<string, ReplicatedRecord>) {
    this.#cluster = cluster;
    this.self = self;
    this.kept = kept;
  }

  announce(): void {
    const { leader, term } = this.#cluster;
    if (!this.isCut) for (const observer of this.#observers) observer.leaderChanged?.(leader, term);
  }

  observe(observer: LeadershipObserver): void {
    this.#observers.push(observer);
  }

  get cluster(): FakeCluster {
    return this.#cluster;
  }

  receive(record: ReplicatedRecord): void {
    const before = this.kept.get(record.id);
    if (this.isDeaf || (before !== undefined && !isLater(record.stamp, before.stamp))) return;
    this.kept.set(record.id, record);
    for (const watcher of this.#watchers) watcher(record, 'remote');
  }

  readonly leadership = leadershipOf(this);

  readonly intents: Mesh['intents'] = {
    begin: (request, done) => done(this.#begin(request)),
    doubtful: (key): DoubtfulIntent | undefined => {
      const noted = this.#cluster.intents.get(key);
      if (noted?.state !== 'intended' || noted.untilMs > this.#cluster.clock.monotonicMs()) return undefined;
      return { key, generation: noted.generation, holder: noted.holder, fence: noted.fence };
    },
  };

  readonly records: Mesh['records'] = {
    put: unused,
    remove: unused,
    confirm: unused,
    isCurrent: () => true,
    whenCurrent: (listener) => listener(),
    digest: () => '',
    get: (_table, id) => (this.kept.get(id)?.isDeleted === true ? undefined : this.kept.get(id)),
    list: () => this.kept.values() as MapIterator<ReplicatedRecord>,
    watch: (_table, listener) => void this.#watchers.push(listener),
    putStamped: (table, id, payload, given, isInsisting = false) => {
      if (this.refusal !== undefined) throw this.refusal;
      const before = this.kept.get(id);
      const isOlder = before !== undefined && !isLater(given, before.stamp);
      if (isOlder && !isInsisting) return undefined;
      const stamp = isOlder ? { ...before.stamp, minor: before.stamp.minor + 1 } : given;
      const record = { table, id, stamp, writer: this.self, payload: structuredClone(payload), isDeleted: false };
      this.kept.set(id, record);
      for (const watcher of this.#watchers) watcher(record, 'own');
      this.#cluster.spread(this, record);
      return record;
    },
  };

  /** Not a cipher: turned round, so that a search for a token in what travels would find nothing by accident only. */
  readonly sealer: Mesh['sealer'] = {
    seal: (purpose, plain) => Buffer.from(JSON.stringify([purpose, Buffer.from(plain).toString('hex')])),
    open: (purpose, sealed) => {
      try {
        const [bound, hex] = JSON.parse(Buffer.from(sealed).toString()) as [string, string];
        return bound === purpose ? Buffer.from(hex, 'hex') : undefined;
      } catch {
        return undefined;
      }
    },
  };

  get post(): Mesh['post'] {
    return {
      self: this.self,
      reachable: () => [],
      isReachable: () => true,
      send: () => false,
      broadcast: () => 0,
      on: unused,
      observe: unused,
      serve: (service, handler) => void this.#services.set(service, handler),
      ask: (to, service, body, timeoutMs, done) => {
        this.questions++;
        const other = this.#cluster.members.get(to);
        let isDone = false;
        const answer = (value: unknown) => {
          if (isDone || this.isCut || other?.isCut === true) return;
          isDone = true;
          timer.cancel();
          done(value === undefined ? undefined : structuredClone(value));
        };
        const timer = this.#cluster.clock.after(timeoutMs, () => {
          isDone = true;
          done(undefined);
        });
        if (this.isCut || other === undefined || other.isCut) return;
        other.#services.get(service)?.(this.self, structuredClone(body), answer);
      },
    };
  }

  #begin({ key, generation, budgetMs }: IntentRequest): Grant | IntentRefusal {
    const cluster = this.#cluster;
    if (cluster.leader !== this.self || this.isCut) return 'not_leader';
    if (!cluster.hasMajority) return 'no_majority';
    if (cluster.spent.has(`${key} ${generation}`)) return 'spent';
    const nowMs = cluster.clock.monotonicMs();
    const noted = cluster.intents.get(key);
    if (noted?.state === 'intended' && nowMs < noted.untilMs) return 'busy';
    if (noted?.state === 'intended' && nowMs < noted.untilMs + doubtMs) return 'doubt';
    const fence = { term: cluster.term, sequence: ++cluster.sequence };
    const mine: Noted = { generation, holder: this.self, fence, state: 'intended', untilMs: nowMs + budgetMs };
    cluster.intents.set(key, mine);
    return {
      key,
      generation,
      fence,
      mayBegin: () => this.mayBegin && cluster.clock.monotonicMs() < mine.untilMs,
      // A majority hears of it when it can be reached.
      spent: (done) => {
        const tell = () => {
          cluster.spent.add(`${key} ${generation}`);
          mine.state = 'released';
          done?.();
        };
        if (this.isCut) this.untold.push(tell);
        else tell();
      },
      released: () => void (mine.state = 'released'),
    };
  }
}

function leadershipOf(member: FakeMember): Mesh['leadership'] {
  return {
    get leader() {
      return member.isCut ? undefined : member.cluster.leader;
    },
    get term() {
      return member.cluster.term;
    },
    get isSelf() {
      return !member.isCut && member.cluster.leader === member.self;
    },
    leaseLeftMs: () => 1500,
    get config() {
      return { clusterId: member.cluster.clusterId, term: 1, version: 1, voters: [] };
    },
    observe: (observer: LeadershipObserver) => member.observe(observer),
    resign: unused,
    removeVoter: unused,
    electionsStarted: 0,
    electionsWon: 0,
  };
}

function isLater(one: Stamp, other: Stamp): boolean {
  return one.major > other.major || (one.major === other.major && one.minor > other.minor);
}

function unused(): never {
  throw new Error('the tokens have no business here');
}
