import { describe, expect, it } from 'vitest';
import type { RecordOrigin, ReplicatedRecord } from '../../../../cluster/replicated/contract.ts';
import { tombstoneKeepMs } from '../../../../cluster/replicated/limits.ts';
import { silentLog, type Log } from '../../../../kit/log.ts';
import { seededRandom } from '../../../../kit/random.ts';
import { RecordExchange, type OpenRecordConnection } from '../../../../node/assembly/mesh/record-exchange.ts';
import { storeFaults } from '../../../../node/store/faults.ts';
import type { RecordCursor } from '../../../../node/store/postgres/shared-records.ts';
import { ManualClock } from '../../../manual-clock.ts';

describe('exchange of records over a database', () => {
  it('brings what is there before it has started, and writes what only this node has', async () => {
    const rig = rigOf([recordOf('theirs', 5)]);
    rig.heard(recordOf('kept', 3), 'kept');
    rig.heard(recordOf('theirs', 4), 'kept');
    await rig.exchange.start();
    expect(rig.taken[0]).toEqual(recordOf('theirs', 5));
    expect(rig.database.map(({ id, stamp }) => [id, stamp.major])).toEqual([
      ['theirs', 5],
      ['kept', 3],
    ]);
    await rig.exchange.stop();
  });

  it('writes what is written here at once, and not what others told', async () => {
    const rig = rigOf();
    await rig.exchange.start();
    rig.heard(recordOf('own', 1), 'own');
    rig.heard(recordOf('remote', 1), 'remote');
    await rig.pass(20);
    expect(rig.database.map(({ id }) => id)).toEqual(['own']);
    await rig.exchange.stop();
  });

  it('takes what is written there when it is told, and within a second when that got lost', async () => {
    const rig = rigOf();
    await rig.exchange.start();
    rig.database.push(recordOf('told', 1));
    rig.news();
    await rig.pass(20);
    expect(rig.taken.map(({ id }) => id)).toEqual(['told']);
    rig.database.push(recordOf('lost', 1));
    await rig.pass(900);
    expect(rig.taken.map(({ id }) => id)).toEqual(['told']);
    await rig.pass(150);
    expect(rig.taken.map(({ id }) => id)).toEqual(['told', 'lost']);
    await rig.exchange.stop();
  });

  it('tries again what was ahead of the clock', async () => {
    const rig = rigOf([recordOf('ahead', 9)]);
    rig.isAhead = true;
    await rig.exchange.start();
    await rig.pass(3_000);
    expect(rig.taken).toEqual([]);
    rig.isAhead = false;
    await rig.pass(1_100);
    expect(rig.taken.map(({ id }) => id)).toEqual(['ahead']);
    await rig.exchange.stop();
  });

  it('goes on without a server that is away, tells of it once, and then compares everything', async () => {
    const rig = rigOf();
    rig.isDown = true;
    await rig.exchange.start();
    rig.heard(recordOf('meanwhile', 1), 'own');
    await rig.pass(30_000);
    expect(rig.database).toEqual([]);
    expect(rig.logged).toHaveLength(1);
    rig.isDown = false;
    await rig.pass(3_000);
    expect(rig.database.map(({ id }) => id)).toEqual(['meanwhile']);
    expect(rig.logged).toHaveLength(2);
    // The database is one of yesterday.
    rig.isDown = true;
    await rig.pass(1_100);
    rig.database.length = 0;
    rig.isDown = false;
    await rig.pass(3_000);
    expect(rig.database.map(({ id }) => id)).toEqual(['meanwhile']);
    await rig.exchange.stop();
  });

  it('does not wait longer than five seconds for a server that says nothing', async () => {
    const rig = rigOf();
    rig.isSilent = true;
    let hasStarted = false;
    const starting = rig.exchange.start().then(() => (hasStarted = true));
    await rig.pass(4_900);
    expect(hasStarted).toBe(false);
    await rig.pass(200);
    await starting;
    const stopping = rig.exchange.stop();
    await rig.pass(2_100);
    await stopping;
  });

  it('leaves out a record that the database never takes, and writes the others', async () => {
    const rig = rigOf();
    rig.heard(recordOf('good', 1), 'kept');
    rig.heard(recordOf('refused', 1), 'kept');
    rig.heard(recordOf('better', 1), 'kept');
    await rig.exchange.start();
    expect(rig.database.map(({ id }) => id)).toEqual(['good', 'better']);
    expect(rig.logged).toHaveLength(1);
    await rig.exchange.stop();
  });

  it('writes when it stops what was written a moment before', async () => {
    const rig = rigOf();
    await rig.exchange.start();
    await rig.pass(500);
    rig.heard(recordOf('last', 1), 'own');
    const stopping = rig.exchange.stop();
    await rig.pass(50);
    await stopping;
    expect(rig.database.map(({ id }) => id)).toEqual(['last']);
  });

  it('forgets deleted records that are as old as those the mesh forgets', async () => {
    const rig = rigOf();
    const nowMs = rig.clock.nowMs();
    rig.heard({ ...recordOf('old', nowMs - tombstoneKeepMs - 1), isDeleted: true, payload: undefined }, 'kept');
    rig.heard({ ...recordOf('recent', nowMs - tombstoneKeepMs + 60_000), isDeleted: true, payload: undefined }, 'kept');
    await rig.exchange.start();
    expect(rig.database.map(({ id }) => id)).toEqual(['recent']);
    expect(rig.forgotten[0]).toBe(nowMs - tombstoneKeepMs);
    await rig.exchange.stop();
  });
});

/** A database in memory, in the order of writes, and the records of a node that only note what they are given. */
function rigOf(database: ReplicatedRecord[] = []) {
  const clock = new ManualClock();
  const taken: ReplicatedRecord[] = [];
  const logged: string[] = [];
  const forgotten: number[] = [];
  const log: Log = {
    ...silentLog,
    info: (message) => void logged.push(message),
    warn: (message) => void logged.push(message),
    error: (message) => void logged.push(message),
  };
  const listeners: ((record: ReplicatedRecord, origin: RecordOrigin) => void)[] = [];
  const rig = { isDown: false, isSilent: false, isAhead: false, onNews: () => undefined as void };
  const check = () => {
    if (rig.isDown) throw storeFaults.store_unavailable('It is away.');
  };
  const open: OpenRecordConnection = async (onNews) => {
    check();
    if (rig.isSilent) return new Promise(() => undefined);
    rig.onNews = onNews;
    return {
      async read(cursor: RecordCursor) {
        check();
        const from = Math.max(0, Number(cursor.seq));
        const next = { seq: String(database.length), table: '', id: '' };
        return { records: database.slice(from), next, isLast: true };
      },
      async write(records) {
        check();
        if (records.some(({ id }) => id === 'refused')) throw storeFaults.store_batch_refused('No.');
        database.push(...records);
      },
      forgetDeleted: async (beforeMs) => void forgotten.push(beforeMs),
      close: async () => undefined,
    };
  };
  const exchange = new RecordExchange({
    open,
    clock,
    log,
    random: seededRandom(1),
    tables: ['keys'],
    records: {
      watch: (_, listener) => void listeners.push(listener),
      take(records) {
        if (rig.isAhead) return records;
        taken.push(...records);
        return [];
      },
    },
  });
  return Object.assign(rig, {
    clock,
    database,
    taken,
    logged,
    forgotten,
    exchange,
    heard: (record: ReplicatedRecord, origin: RecordOrigin) =>
      listeners.forEach((listener) => listener(record, origin)),
    news: () => rig.onNews(),
    /** Lets time pass in steps, with turns for promises in between. */
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 10) {
        await settled();
        clock.advance(10);
      }
      await settled();
    },
  });
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function recordOf(id: string, major: number): ReplicatedRecord {
  return { table: 'keys', id, stamp: { major, minor: 0 }, writer: 'n1', isDeleted: false, payload: id };
}
