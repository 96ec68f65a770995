import type { SharedState, StateEntry } from '../../../cluster/gossip/contract.ts';
import type { Clock, Timer } from '../../../kit/clock.ts';
import type { Account } from '../../accounts/contract.ts';
import type { Accounts } from '../../accounts/directory.ts';
import type { RemoteStandings } from '../../accounts/remote-standing.ts';
import { loadPrefix, nodeLoadKey } from './keys.ts';

/** Counters are sampled this often while there is traffic: what it costs does not grow with the request rate. */
export const loadSamplePeriodMs = 50;

/** [in flight, served, errors, latency ms] of one account at one node. */
export type AccountLoad = readonly [inFlight: number, served: number, errors: number, latencyMs: number];

export interface LoadReportParts {
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly state: SharedState;
  readonly standings: RemoteStandings;
}

interface Totals {
  inFlight: number;
  served: number;
}

/** Tells the others how busy each account is from here, and adds up what they tell. */
export class LoadReport {
  readonly #parts: LoadReportParts;
  /** By account, then by node: what the others said last. */
  readonly #remote = new Map<string, Map<string, AccountLoad>>();
  readonly #told = new Map<string, AccountLoad>();
  #timer: Timer | undefined;

  constructor(parts: LoadReportParts) {
    this.#parts = parts;
  }

  start(): void {
    const { accounts, state } = this.#parts;
    accounts.onBegin(() => this.#plan());
    accounts.onTouch(() => this.#plan());
    accounts.observe({
      accountChanged: (account, change) => {
        if (change === 'added') this.#apply(account.id);
        else if (change === 'removed') this.#forget(account.id);
      },
    });
    state.watch(loadPrefix, (entry) => this.#hear(entry));
    this.#plan();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** The first change after a pause is told after one period, further ones once a period. */
  #plan(): void {
    this.#timer ??= this.#parts.clock.after(loadSamplePeriodMs, () => {
      this.#timer = undefined;
      this.#sample();
    });
  }

  #sample(): void {
    const { accounts, state } = this.#parts;
    let inFlight = 0;
    for (const account of accounts.all) {
      inFlight += account.inFlight;
      this.#tell(account);
    }
    state.set(nodeLoadKey, inFlight);
  }

  #tell(account: Account): void {
    const { id, inFlight, requestCount, errorCount } = account;
    const told = this.#told.get(id);
    if (told?.[0] === inFlight && told[1] === requestCount && told[2] === errorCount) return;
    const load: AccountLoad = [inFlight, requestCount, errorCount, Math.round(account.latencyEwmaMs)];
    this.#told.set(id, load);
    this.#parts.state.set(loadPrefix + id, load);
  }

  #hear({ isSelf, node, key, value }: StateEntry): void {
    if (isSelf) return;
    const id = key.slice(loadPrefix.length);
    const load = readLoad(value);
    const byNode = this.#remote.get(id) ?? new Map<string, AccountLoad>();
    if (load === undefined) byNode.delete(node);
    else byNode.set(node, load);
    if (byNode.size === 0) this.#remote.delete(id);
    else this.#remote.set(id, byNode);
    this.#apply(id);
  }

  #apply(id: string): void {
    const sum: Totals = { inFlight: 0, served: 0 };
    for (const [inFlight, served] of this.#remote.get(id)?.values() ?? []) {
      sum.inFlight += inFlight;
      sum.served += served;
    }
    this.#parts.standings.load(id, sum);
  }

  #forget(id: string): void {
    this.#told.delete(id);
    this.#parts.state.delete(loadPrefix + id);
  }
}

/** Undefined for what is gone, and for what no node of ours would say. */
function readLoad(value: unknown): AccountLoad | undefined {
  if (!Array.isArray(value)) return undefined;
  const [inFlight, served, errors, latencyMs] = value as unknown[];
  return isCount(inFlight) && isCount(served) ? [inFlight, served, countOf(errors), countOf(latencyMs)] : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function countOf(value: unknown): number {
  return isCount(value) ? value : 0;
}
