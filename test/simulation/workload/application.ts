import type { SimProcess } from '../world/sim-process.ts';
import { CacheUser } from './cache-user.ts';
import { OwnState } from './own-state.ts';
import { QuotaUser } from './quota-user.ts';
import { RecordWriter } from './record-writer.ts';
import { Refresher } from './refresher.ts';

/** What a node does with its mesh. */
export class Application {
  readonly cache: CacheUser;
  readonly refresher: Refresher;
  readonly state: OwnState;
  readonly quotas: QuotaUser;
  readonly #records: RecordWriter;

  constructor(process: SimProcess) {
    this.cache = new CacheUser(process);
    this.refresher = new Refresher(process);
    this.state = new OwnState(process);
    this.quotas = new QuotaUser(process);
    this.#records = new RecordWriter(process);
  }

  /** Listens; to be called before the parts start, so that kept records are heard of. */
  listen(): void {
    this.cache.listen();
    this.state.listen();
    this.#records.listen();
  }

  start(): void {
    this.cache.start();
    this.refresher.start();
    this.state.start();
    this.quotas.start();
    this.#records.start();
  }
}
