import type { ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import type { KeptEntry } from '../world/kept.ts';
import type { SimProcess } from '../world/sim-process.ts';
import { between } from '../world/streams.ts';

const scopes = ['x', 'y'];
const keyCount = 4;

/**
 * A small cache whose entries outlive the process, as on a second level. An entry remembers which clear of its scope it
 * was made after, and is served while that is the newest clear known and the node's records are current.
 */
export class CacheUser {
  readonly #process: SimProcess;
  readonly #clears = new Map<string, string>();
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
    this.#clears.set(record.id, nameOf(record));
  }

  #use(): void {
    const { host, world, parts } = this.#process;
    const scope = scopes[host.random.below(scopes.length)] ?? '';
    const key = `${scope}/${host.random.below(keyCount)}`;
    const after = this.#clears.get(scope) ?? '';
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
    const record = parts.records.put('clears', scope, { count: ++this.#count });
    const clear = world.clears.issued(scope);
    world.counts.clears++;
    parts.records.confirm(record, 3000, ({ acknowledged }) => world.clears.confirmed(clear, acknowledged));
  }
}

function nameOf({ stamp, writer }: ReplicatedRecord): string {
  return `${stamp.major}.${stamp.minor}.${writer}`;
}
