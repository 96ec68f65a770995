import type { Clock } from '../../../kit/clock.ts';
import { LruMap } from '../../../kit/lru-map.ts';
import type { NodeId } from '../../../cluster/membership/contract.ts';
import type { CacheControls, CacheMesh } from '../contract.ts';
import type { Entry } from '../entry.ts';
import type { Flight } from '../flight.ts';
import type { CacheNeighbours, ResponseCache } from '../response-cache.ts';
import { ClearRecords } from './clear-records.ts';
import { MeshControls } from './mesh-controls.ts';
import { OwnerDesk } from './owner-desk.ts';
import { OwnerLine } from './owner-line.ts';
import { PeerBudget } from './peer-budget.ts';
import { SharedSwitch } from './shared-switch.ts';

/** Members whose answers are watched; a mesh has fewer. */
const budgetsMax = 1024;

/** A cache among others: clears and switching hold everywhere, and an answer of one member serves all. */
export class MeshSide implements CacheNeighbours {
  readonly controls: CacheControls;
  readonly #mesh: CacheMesh;
  readonly #clears: ClearRecords;
  readonly #line: OwnerLine;
  readonly #desk: OwnerDesk;
  readonly #budgets = new LruMap<NodeId, PeerBudget>(budgetsMax);

  constructor(mesh: CacheMesh, cache: ResponseCache, clock: Clock) {
    this.#mesh = mesh;
    const clears = new ClearRecords({
      mesh,
      clock,
      ttlMs: () => cache.ttlMs,
      onClear: (scope) => cache.clear(scope),
    });
    this.#clears = clears;
    const parts = {
      mesh,
      cache,
      clock,
      epoch: () => clears.epoch,
      budgetOf: (node: NodeId) => this.#budgetOf(node, clock),
    };
    this.#line = new OwnerLine(parts);
    this.#desk = new OwnerDesk(parts);
    const sharedSwitch = new SharedSwitch(mesh, cache.isEnabled, (isEnabled) => {
      cache.isEnabled = isEnabled;
    });
    this.controls = new MeshControls(cache, clears, sharedSwitch);
  }

  get epoch(): string {
    return this.#clears.epoch;
  }

  /** Requests of other members that take part in flights of this one. */
  get claimsOfMembers(): number {
    return this.#desk.size;
  }

  isCurrent(): boolean {
    return this.#mesh.records.isCurrent();
  }

  ask(flight: Flight): boolean {
    return this.#line.ask(flight);
  }

  tell(flight: Flight, entry: Entry): void {
    this.#line.tell(flight, entry);
  }

  ended(flight: Flight, isAnswered: boolean): void {
    this.#line.ended(flight, isAnswered);
  }

  stop(): void {
    this.#line.stop();
    this.#desk.stop();
  }

  #budgetOf(node: NodeId, clock: Clock): PeerBudget {
    const known = this.#budgets.get(node);
    if (known !== undefined) return known;
    const budget = new PeerBudget(clock);
    this.#budgets.set(node, budget);
    return budget;
  }
}
