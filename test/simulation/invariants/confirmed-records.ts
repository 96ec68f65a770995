import type { ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import { compareRecords } from '../workload/record-writer.ts';
import type { SimProcess } from '../world/sim-process.ts';
import type { World } from '../world/world.ts';

interface Confirmed {
  readonly record: ReplicatedRecord;
  readonly holders: readonly SimProcess[];
}

const confirmedMax = 500;

/** Records that members said they have: while one of those processes lives, nobody ends with an older one. */
export class ConfirmedRecords {
  readonly #world: World;
  readonly #confirmed: Confirmed[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  add(record: ReplicatedRecord, acknowledged: readonly string[]): void {
    const holders = this.#world.running().filter(({ nodeId }) => acknowledged.includes(nodeId));
    this.#confirmed.push({ record, holders });
    if (this.#confirmed.length > confirmedMax) this.#confirmed.shift();
  }

  check(): void {
    for (const { record, holders } of this.#confirmed) {
      if (holders.some((process) => !process.isEnded)) this.#checkOne(record);
    }
  }

  #checkOne(record: ReplicatedRecord): void {
    for (const { nodeId, parts } of this.#world.running()) {
      const here = parts.records.get(record.table, record.id);
      const isKept = here === undefined ? undefined : compareRecords(here, record) >= 0;
      if (isKept === false || (isKept === undefined && !record.isDeleted && !this.#wasDeletedLater(record))) {
        this.#world.fail(
          'a confirmed record is nowhere older',
          `${nodeId} lacks ${record.table}/${record.id} (${record.stamp.major}, ${record.stamp.minor})`,
        );
      }
    }
  }

  #wasDeletedLater(record: ReplicatedRecord): boolean {
    return this.#world.deletions.some(
      (each) => each.table === record.table && each.id === record.id && compareRecords(each, record) > 0,
    );
  }
}
