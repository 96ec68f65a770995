import type { Leadership, VoterConfig } from '../../../cluster/leader/contract.ts';
import { type Fault, isFault } from '../../../kit/fault.ts';
import { silentLog } from '../../../kit/log.ts';
import { type MadeLimits, makeLimits } from '../../../node/assembly/limits.ts';
import type { KeyLimits } from '../../../node/auth/contract.ts';
import type { Permit } from '../../../node/limits/contract.ts';
import type { KeySum } from '../../../node/store/contract.ts';
import { MemoryStore, type MeshNode, StateMesh } from '../../cluster/state-mesh/state-mesh.ts';
import { CountedQuotas, QuotaPool } from './counted-quotas.ts';

export const noLimits: KeyLimits = {
  id: 'key_1',
  requestsPerMinute: undefined,
  tokensPerMinute: undefined,
  concurrentRequests: undefined,
  dailyTokenBudget: undefined,
  monthlyTokenBudget: undefined,
  dailyCostBudget: undefined,
  monthlyCostBudget: undefined,
};

export class LimitNode {
  readonly node: MeshNode;
  readonly made: MadeLimits;
  readonly quotas: CountedQuotas;
  readonly #mesh: LimitMesh;

  constructor(mesh: LimitMesh, node: MeshNode) {
    this.#mesh = mesh;
    this.node = node;
    this.quotas = new CountedQuotas(mesh.pool, node.clock);
    this.made = makeLimits({
      mesh: {
        self: node.id,
        members: node.membership,
        records: node.records,
        quotas: this.quotas,
        leadership: mesh.leadershipOf(node.id),
      },
      clock: node.clock,
      log: silentLog,
      keyOf: (id) => (mesh.keys.has(id) ? { limits: mesh.keys.get(id) } : undefined),
      sums: (fromMs) => mesh.sums(node.id, fromMs),
    });
    void this.made.start();
  }

  /** The outcome; it must come at once. */
  enter(tokens = 0, limits: KeyLimits = this.#mesh.key): Permit | Fault {
    let outcome: Permit | Fault | undefined;
    this.made.gate.enter(limits, tokens, (decided) => (outcome = decided));
    if (outcome === undefined) throw new Error('not decided at once');
    return outcome;
  }

  /** Lets a request in that uses so much; throws the refusal. */
  use(tokens: number, costNano = 0, estimated = 0): void {
    this.let(estimated).settle(tokens, costNano);
  }

  let(tokens = 0): Permit {
    const outcome = this.enter(tokens);
    if (isFault(outcome)) throw outcome;
    return outcome;
  }

  /** The refusal's code; `in` when it is let in, and has ended without using anything. */
  code(tokens = 0): string {
    const outcome = this.enter(tokens);
    if (isFault(outcome)) return outcome.code;
    outcome.settle(0, 0);
    return 'in';
  }

  budgetRecords(): Map<string, unknown> {
    return new Map([...this.node.records.list('budgets')].map(({ id, payload }) => [id, payload]));
  }
}

/** Limits over the records of several nodes on one simulated network and clock. */
export class LimitMesh {
  readonly mesh = new StateMesh();
  readonly pool = new QuotaPool();
  readonly keys = new Map<string, KeyLimits>();
  readonly nodes = new Map<string, LimitNode>();
  /** What the store of usage answers. */
  sums: (node: string, fromMs: number) => Promise<readonly KeySum[]> = () => Promise.resolve([]);
  leader = 'n1';
  #config: VoterConfig;

  constructor(count: number, limits: Partial<KeyLimits> = {}) {
    const ids = Array.from({ length: count }, (_, index) => `n${index + 1}`);
    this.#config = { clusterId: 'c', term: 1, version: 1, voters: ids };
    this.setKey(limits);
    for (const id of ids) this.start(id);
    this.mesh.joinAll();
    this.node('n1').node.records.put('keys', 'key_1', {});
    this.mesh.advance(200);
    for (const { quotas } of this.nodes.values()) quotas.changes.length = 0;
  }

  get key(): KeyLimits {
    return this.keys.get('key_1') ?? noLimits;
  }

  node(id: string): LimitNode {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`no ${id}`);
    return node;
  }

  start(id: string, store = new MemoryStore()): LimitNode {
    let made: LimitNode | undefined;
    this.mesh.start(id, {
      store,
      beforeStart: (node) => (made = new LimitNode(this, node)),
      ...(this.#config.voters.length === 1 ? { isJoined: () => true } : {}),
    });
    if (made === undefined) throw new Error('not started');
    this.nodes.set(id, made);
    return made;
  }

  /** As kill -9 does; answers the disk. */
  kill(id: string): MemoryStore {
    const { store } = this.mesh.node(id);
    this.mesh.kill(id);
    this.nodes.delete(id);
    return store;
  }

  /** Changes the key `key_1`, at all nodes. */
  setKey(limits: Partial<KeyLimits>, isTold = false): void {
    this.keys.set('key_1', { ...noLimits, ...limits });
    if (isTold) for (const { made } of this.nodes.values()) made.gate.changed('key_1');
  }

  setVoters(...voters: string[]): void {
    this.#config = { ...this.#config, version: this.#config.version + 1, voters };
  }

  /** Nothing passes between the sides any more, and each gives the other up. */
  split(...sides: readonly (readonly string[])[]): void {
    for (const side of sides) {
      for (const other of sides) {
        if (side === other) continue;
        for (const left of side) for (const right of other) this.part(left, right);
      }
    }
  }

  part(left: string, right: string): void {
    this.mesh.network.disconnect(left, right);
    this.mesh.believe(left, right, 'dead');
  }

  heal(): void {
    this.mesh.joinAll();
    this.advance(3000);
  }

  /** Days pass in which nothing happens. */
  sleep(ms: number): void {
    this.mesh.clock.jumpWall(ms);
  }

  advance(ms: number): void {
    this.mesh.advance(ms);
  }

  leadershipOf(id: string): Leadership {
    const isLeader = () => this.leader === id;
    const config = () => this.#config;
    return {
      get isSelf() {
        return isLeader();
      },
      get config() {
        return config();
      },
      leader: undefined,
      term: 1,
      electionsStarted: 0,
      electionsWon: 0,
      leaseLeftMs: () => 0,
      resign: () => undefined,
      removeVoter: () => undefined,
      observe: () => undefined,
    };
  }
}
