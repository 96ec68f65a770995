import type { Records, ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import { tombstoneKeepMs } from '../../../cluster/replicated/limits.ts';
import { backoffMs } from '../../../kit/backoff.ts';
import type { Clock } from '../../../kit/clock.ts';
import { isFault } from '../../../kit/fault.ts';
import { inTime } from '../../../kit/in-time.ts';
import type { Log } from '../../../kit/log.ts';
import type { Random } from '../../../kit/random.ts';
import {
  recordsBeginning,
  type RecordCursor,
  type SharedRecordsConnection,
} from '../../store/postgres/shared-records.ts';
import { keyOf, RecordLedger } from './record-ledger.ts';

/** Whoever writes tells the others at once; should that get lost, they look for themselves. */
const lookMs = 1_000;
/** Between two rounds, so that many writes make few of them. */
const gapMs = 10;
const retry = { baseMs: 50, capMs: 2_000 };
/** A server that does not answer keeps a node no longer from its clients. */
const firstMs = 5_000;
const stopMs = 2_000;
const forgetPeriodMs = 3_600_000;
/** Of writers whose clocks are ahead; more than these come again with the next connection. */
const aheadMax = 1_000;

export type OpenRecordConnection = (
  onNews: () => void,
) => Promise<Pick<SharedRecordsConnection, 'read' | 'write' | 'forgetDeleted' | 'close'>>;

type Connection = Awaited<ReturnType<OpenRecordConnection>>;

export interface RecordExchangeParts {
  readonly open: OpenRecordConnection;
  readonly records: Pick<Records, 'watch'> & {
    take(records: readonly ReplicatedRecord[]): readonly ReplicatedRecord[];
  };
  readonly tables: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Exchanges records with the other nodes of a database: writes there what is written here, and takes from there what is
 * newer. With each new connection all is compared, so that nothing is missed however long either side was away.
 */
export class RecordExchange {
  readonly #parts: RecordExchangeParts;
  readonly #ledger: RecordLedger;
  readonly #first = Promise.withResolvers<void>();
  readonly #ahead = new Map<string, ReplicatedRecord>();
  #cursor: RecordCursor = recordsBeginning;
  #running: Promise<void> | undefined;
  #resume: (() => void) | undefined;
  #isWoken = false;
  #isResting = false;
  #isStopped = false;
  #isConnected = false;
  #failures = 0;
  #forgotMs = Number.NEGATIVE_INFINITY;

  /** Before the mesh is started. */
  constructor(parts: RecordExchangeParts) {
    this.#parts = parts;
    this.#ledger = new RecordLedger({ ...parts, onOwn: () => this.#wake() });
  }

  /**
   * After the mesh was started. Resolves once this node has what the database has, or cannot connect, or after a bounded
   * time; goes on in the background.
   */
  async start(): Promise<void> {
    this.#running = this.#run();
    await inTime(this.#first.promise, firstMs, this.#parts.clock);
  }

  /** Writes what waits, if the server answers in time. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    if (this.#running !== undefined) await inTime(this.#running, stopMs, this.#parts.clock);
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        await this.#exchange();
      } catch (error) {
        this.#failed(error);
        this.#first.resolve();
        await this.#rest(backoffMs(this.#failures++, retry, this.#parts.random));
      }
    }
  }

  /** Until this is stopped, or the connection fails. */
  async #exchange(): Promise<void> {
    const connection = await this.#parts.open(() => this.#wake());
    try {
      await this.#compare(connection);
      this.#succeeded();
      for (;;) {
        await this.#flush(connection);
        if (this.#isStopped) return;
        await this.#pull(connection);
        await this.#forget(connection);
        await this.#pause(lookMs);
      }
    } finally {
      void connection.close();
    }
  }

  async #compare(connection: Connection): Promise<void> {
    const found = new Map<string, ReplicatedRecord>();
    this.#cursor = recordsBeginning;
    await this.#pull(connection, (record) => found.set(keyOf(record), record));
    this.#ledger.compare(found);
    await this.#flush(connection);
  }

  async #pull(connection: Connection, each?: (record: ReplicatedRecord) => void): Promise<void> {
    this.#take([]);
    for (;;) {
      const { records, next, isLast } = await connection.read(this.#cursor);
      if (each !== undefined) records.forEach(each);
      this.#ledger.seen(records);
      this.#take(records);
      this.#cursor = next;
      if (isLast) return;
    }
  }

  /** Those that were ahead of this node's clock are tried again. */
  #take(records: readonly ReplicatedRecord[]): void {
    const given = [...this.#ahead.values(), ...records];
    if (given.length === 0) return;
    this.#ahead.clear();
    for (const record of this.#parts.records.take(given)) {
      if (this.#ahead.size < aheadMax) this.#ahead.set(keyOf(record), record);
    }
  }

  async #flush(connection: Connection): Promise<void> {
    while (this.#ledger.hasWaiting) {
      const records = this.#ledger.next();
      await this.#write(connection, records);
      this.#ledger.written(records);
    }
  }

  /** One that the database never takes must not keep the others from it. */
  async #write(connection: Connection, records: readonly ReplicatedRecord[]): Promise<void> {
    try {
      await connection.write(records);
    } catch (error) {
      if (!isFault(error) || error.code !== 'store_batch_refused') throw error;
      const [only] = records;
      if (only === undefined || records.length > 1) {
        for (const record of records) await this.#write(connection, [record]);
        return;
      }
      const { table, writer } = only;
      this.#parts.log.error('PostgreSQL does not take a record, which other nodes will lack.', {
        table,
        writer,
        error,
      });
    }
  }

  async #forget(connection: Connection): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#forgotMs < forgetPeriodMs) return;
    this.#forgotMs = nowMs;
    this.#ledger.forgetExpired();
    await connection.forgetDeleted(this.#parts.clock.nowMs() - tombstoneKeepMs);
  }

  #succeeded(): void {
    if (this.#failures > 0) this.#parts.log.info('Users, keys and settings are shared over PostgreSQL again.');
    this.#failures = 0;
    this.#isConnected = true;
    this.#first.resolve();
  }

  /** Told once, until it works again. */
  #failed(error: unknown): void {
    const { log } = this.#parts;
    if (this.#failures === 0 || this.#isConnected) {
      log.warn('Users, keys and settings are not shared over PostgreSQL at present; this node goes on with its own.', {
        error,
      });
    }
    this.#isConnected = false;
  }

  #wake(): void {
    this.#isWoken = true;
    if (!this.#isResting || this.#isStopped) this.#resume?.();
  }

  /** What is written here meanwhile does not bring the server back. */
  async #rest(ms: number): Promise<void> {
    if (this.#isStopped) return;
    this.#isResting = true;
    await this.#after(ms, true);
    this.#isResting = false;
  }

  /** Until woken, or so long; for a moment in any case. */
  async #pause(ms: number): Promise<void> {
    if (this.#isStopped) return;
    await this.#after(gapMs);
    if (!this.#isWoken && ms > gapMs) await this.#after(ms - gapMs, true);
    this.#isWoken = false;
  }

  async #after(ms: number, endsWhenWoken = false): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#parts.clock.after(ms, resolve);
    if (endsWhenWoken) this.#resume = resolve;
    await promise;
    timer.cancel();
    this.#resume = undefined;
  }
}
