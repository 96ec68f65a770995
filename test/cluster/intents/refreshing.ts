import type { Grant, IntentRefusal } from '../../../cluster/intents/contract.ts';
import type { Random } from '../../../kit/random.ts';
import type { SimulatedMesh, SimulatedNode } from '../leader/simulated-mesh.ts';

const budgetMs = 4000;

/**
 * An issuer of refresh tokens and the nodes that spend them. Tokens of a key are 0, 1, 2 …; the issuer counts how often
 * each is redeemed. What a node knows of the newest token outlives it, and reaches the others only sometimes.
 */
export class Refreshing {
  readonly redeemed = new Map<string, number>();
  readonly refusals = new Map<IntentRefusal, number>();
  granted = 0;
  committed = 0;
  readonly #mesh: SimulatedMesh;
  readonly #random: Random;
  readonly #keys: readonly string[];
  readonly #known = new Map<string, number>();
  readonly #committed = new Set<string>();

  constructor(mesh: SimulatedMesh, random: Random, keys: readonly string[]) {
    this.#mesh = mesh;
    this.#random = random;
    this.#keys = keys;
  }

  get reused(): string[] {
    return [...this.redeemed].filter(([, count]) => count > 1).map(([token]) => token);
  }

  /** Every node that leads begins with some keys; some that do not lead try as well. */
  step(): void {
    for (const node of this.#mesh.up()) {
      if (!node.election.isSelf && this.#random.next() < 0.9) continue;
      for (const key of this.#keys) if (this.#random.next() < 0.4) node.clock.whenAwake(() => this.begin(node, key));
    }
  }

  /** Cuts the leader off, or kills it, while it begins or acts. */
  strike(): void {
    const leader = this.#mesh.leaders()[0];
    if (leader === undefined || this.#random.next() < 0.5) return;
    const { time } = this.#mesh;
    const isKilled = this.#random.next() < 0.2;
    time.at(time.nowMs + this.#random.next() * (isKilled ? 3000 : 30), () => {
      if (isKilled) this.#mesh.kill(leader.id);
      else
        this.#mesh.split(
          [leader.id],
          [...this.#mesh.nodes.keys()].filter((id) => id !== leader.id),
        );
    });
  }

  begin(node: SimulatedNode, key: string): void {
    const token = this.#known.get(`${node.id} ${key}`) ?? 0;
    node.intents.begin({ key, generation: `${key} ${token}`, budgetMs }, (result) => {
      if (typeof result === 'string') this.#refused(node, key, result);
      else this.#granted(node, key, token, result);
    });
  }

  #refused(node: SimulatedNode, key: string, refusal: IntentRefusal): void {
    this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1);
    if (refusal !== 'spent') return;
    const others = this.#mesh.up().filter(({ id }) => this.#mesh.isConnected(node.id, id));
    for (const { id } of others) this.#learn(node.id, key, this.#known.get(`${id} ${key}`) ?? 0);
  }

  #granted(node: SimulatedNode, key: string, token: number, grant: Grant): void {
    this.granted++;
    if (this.#committed.has(`${key} ${token}`))
      this.#mesh.violations.push(`${key} ${token} was granted after its commit`);
    const hesitationMs = this.#random.next() < 0.5 ? 0 : this.#random.next() * 4000;
    if (hesitationMs === 0) this.#act(node, key, token, grant);
    else node.clock.after(hesitationMs, () => this.#act(node, key, token, grant));
  }

  #act(node: SimulatedNode, key: string, token: number, grant: Grant): void {
    if (!grant.mayBegin() || this.#random.next() < 0.1) return grant.released();
    const { time } = this.#mesh;
    const takesMs = 20 + this.#random.next() * (budgetMs - 100);
    time.at(time.nowMs + takesMs * this.#random.next(), () => {
      const name = `${key} ${token}`;
      this.redeemed.set(name, (this.redeemed.get(name) ?? 0) + 1);
    });
    time.at(time.nowMs + takesMs, () => node.clock.whenAwake(() => this.#answered(node, key, token, grant)));
  }

  #answered(node: SimulatedNode, key: string, token: number, grant: Grant): void {
    this.#learn(node.id, key, token + 1);
    grant.spent(() => {
      this.committed++;
      this.#committed.add(`${key} ${token}`);
    });
    for (const other of this.#mesh.up()) {
      if (this.#mesh.isConnected(node.id, other.id) && this.#random.next() < 0.5) this.#learn(other.id, key, token + 1);
    }
  }

  #learn(node: string, key: string, token: number): void {
    const name = `${node} ${key}`;
    this.#known.set(name, Math.max(token, this.#known.get(name) ?? 0));
  }
}
