import type { ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import type { KeptEntry } from '../world/kept.ts';
import type { SimProcess } from '../world/sim-process.ts';
import { between } from '../world/streams.ts';

const scopes = ['x', 'y'];
const keyCount = 4;

/**
 * A small cache whose entries outlive the process, as on a second level. An entry remembers which clears of its scope
 * it was made after, and is served while those are the newest known and the node's records are current.
 */
export class CacheUser {
  readonly #process: SimProcess;
  /** Newest clears of each scope by who cleared: of two at once, by clocks that disagree, neither may hide the other. */
  readonly #clears = new Map<string, Map<string, string>>();
  readonly #names = new Map<string, string>();
  #count = 0;

  constructor(process: SimProcess) {
    this.#process = process;
  }

  listen(): void {
    const { parts, world } = this.#process;
    parts.records.watch('clears', (record) => {
      if (world.bug?.appliesClearsLate === true) this.#process.clock.after(3000, () => this.#clear(record));
      else this.#clear(record);
    });
  }

  start(): void {
    const { clock, host } = this.#process;
    clock.every(between(host.random, 150, 400), () => this.#use());
    clock.every(between(host.random, 3000, 9000), () => this.#clearOne());
  }

  #clear(record: ReplicatedRecord): void {
    const [scope = ''] = record.id.split(' by ');
    this.#process.note(() => `takes clear ${record.id} ${nameOf(record)}`);
    const clears = this.#clears.get(scope) ?? new Map<string, string>();
    clears.set(record.writer, nameOf(record));
    this.#clears.set(scope, clears);
    this.#names.set(scope, [...clears.values()].toSorted().join(' '));
  }

  #use(): void {
    const { host, world, parts } = this.#process;
    const scope = scopes[host.random.below(scopes.length)] ?? '';
    const key = `${scope}/${host.random.below(keyCount)}`;
    const after = this.#names.get(scope) ?? '';
    const entry = host.kept.cache.get(key);
    if (entry === undefined || entry.after !== after) {
      host.kept.cache.set(key, { scope, after, madeMs: world.queue.nowMs });
    } else if (world.bug?.servesBeforeComparing === true || parts.records.isCurrent()) this.#serve(entry);
    else world.counts.staleRefusals++;
  }

  #serve(entry: KeptEntry): void {
    this.#process.world.clears.served(this.#process, entry);
  }

  #clearOne(): void {
    const { world, host, parts } = this.#process;
    if (world.isQuiet) return;
    const scope = scopes[host.random.below(scopes.length)] ?? '';
    const record = parts.records.put('clears', `${scope} by ${host.nodeId}`, { count: ++this.#count });
    const clear = world.clears.issued(scope);
    world.counts.clears++;
    this.#process.note(() => `clears ${scope} by ${nameOf(record)}`);
    parts.records.confirm(record, 3000, ({ acknowledged, missing }) => {
      this.#process.note(
        () => `clear ${nameOf(record)} acknowledged by ${acknowledged.join()}, not by ${missing.join()}`,
      );
      world.clears.confirmed(clear, acknowledged);
    });
  }
}

function nameOf({ stamp, writer }: ReplicatedRecord): string {
  return `${stamp.major}.${stamp.minor}.${writer}`;
}
