import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import { systemClock } from '../../../kit/clock.ts';
import type { Secret } from '../../../kit/secret.ts';
import {
  recordsBeginning,
  SharedRecordsConnection,
  type RecordCursor,
} from '../../../node/store/postgres/shared-records.ts';
import { nameOf, PostgresServer } from '../../postgres-server.ts';
import { findProgram } from '../../programs.ts';

const clock = systemClock;

describe.skipIf(findProgram('postgres') === undefined)('records in a shared database', () => {
  let server: PostgresServer;
  const connections: SharedRecordsConnection[] = [];
  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 60_000);
  afterAll(async () => {
    for (const connection of connections) await connection.close();
    await server.stop();
  });

  async function open(url: Secret, onNews: () => void = () => undefined): Promise<SharedRecordsConnection> {
    const connection = await SharedRecordsConnection.open({ url, clock, tables: ['keys', 'users'] }, onNews);
    connections.push(connection);
    return connection;
  }

  it('come back as they were written, of the tables asked for', async () => {
    const connection = await open(await server.createDatabase());
    const records = [
      record({ id: 'a\0\\' }),
      record({ table: 'users', payload: { hash: new Uint8Array([0, 255]) } }),
      record({ id: 'gone', isDeleted: true, payload: undefined }),
    ];
    await connection.write([...records, record({ table: 'tokens' })]);
    const { records: read } = await connection.read(recordsBeginning);
    expect(read.toSorted((left, right) => (left.id < right.id ? -1 : 1))).toEqual(
      records.toSorted((left, right) => (left.id < right.id ? -1 : 1)),
    );
  });

  it('are replaced by newer writes only, by stamp and then by writer', async () => {
    const connection = await open(await server.createDatabase());
    const now = async () => (await connection.read(recordsBeginning)).records.map(({ payload }) => payload);
    const at = (major: number, minor: number, writer: string, payload: string) =>
      record({ stamp: { major, minor }, writer, payload });
    await connection.write([at(10, 5, 'b', 'first')]);
    for (const older of [at(9, 9, 'z', 'x'), at(10, 4, 'z', 'x'), at(10, 5, 'a', 'x'), at(10, 5, 'b', 'x')]) {
      await connection.write([older]);
      expect(await now()).toEqual(['first']);
    }
    for (const newer of [at(10, 5, 'c', '1'), at(10, 6, 'a', '2'), at(11, 0, 'a', '3')]) {
      await connection.write([newer]);
      expect(await now()).toEqual([newer.payload]);
    }
  });

  it('are never revived by an older write', async () => {
    const connection = await open(await server.createDatabase());
    await connection.write([record({ stamp: { major: 5, minor: 0 }, isDeleted: true, payload: undefined })]);
    await connection.write([record({ stamp: { major: 4, minor: 0 } })]);
    expect((await connection.read(recordsBeginning)).records).toMatchObject([{ isDeleted: true }]);
    await connection.forgetDeleted(5);
    expect((await connection.read(recordsBeginning)).records).toHaveLength(1);
    await connection.forgetDeleted(6);
    expect((await connection.read(recordsBeginning)).records).toEqual([]);
  });

  it('are all seen by who reads on while others write', async () => {
    const url = await server.createDatabase();
    const writers = await Promise.all([open(url), open(url), open(url), open(url)]);
    const reader = await open(url);
    const seen = new Set<string>();
    let cursor: RecordCursor = recordsBeginning;
    async function readOn(): Promise<void> {
      for (;;) {
        const { records, next, isLast } = await reader.read(cursor);
        for (const { id } of records) seen.add(id);
        cursor = next;
        if (isLast) return;
      }
    }
    const state = { areWriting: true };
    const writing = Promise.all(
      writers.map(async (writer, index) => {
        for (let round = 0; round < 40; round++) {
          const ids = Array.from({ length: (round % 7) + 1 }, (_, each) => `${index}/${round}/${each}`);
          await writer.write([
            ...ids.map((id) => record({ id })),
            record({ id: 'all', stamp: { major: round, minor: index } }),
          ]);
        }
      }),
    ).finally(() => (state.areWriting = false));
    while (state.areWriting) await readOn();
    await writing;
    await readOn();
    const rows = await server.query(nameOf(url), 'SELECT id FROM records');
    expect([...seen].sort()).toEqual(rows.map(({ id }) => String(id)).sort());
    expect(rows.length).toBeGreaterThan(4 * 40);
  });

  it('are read in pages', async () => {
    const connection = await open(await server.createDatabase());
    const ids = Array.from({ length: 450 }, (_, index) => `id${index}`);
    await connection.write(ids.map((id) => record({ id })));
    const seen: string[] = [];
    let cursor = recordsBeginning;
    for (let isLast = false; !isLast;) {
      const page = await connection.read(cursor);
      seen.push(...page.records.map(({ id }) => id));
      ({ next: cursor, isLast } = page);
    }
    expect(seen.sort()).toEqual(ids.sort());
  });

  it('tell those who listen, and nobody where nothing is new', async () => {
    const url = await server.createDatabase();
    const { promise: news, resolve } = Promise.withResolvers<void>();
    const heard = { count: 0 };
    const listener = await open(url, () => {
      heard.count++;
      resolve();
    });
    const writer = await open(url);
    await writer.write([record({})]);
    await news;
    await writer.write([record({})]);
    await writer.write([record({ stamp: { major: 0, minor: 1 } })]);
    // What was told before comes before the answer.
    await listener.read(recordsBeginning);
    expect(heard.count).toBe(1);
  });

  it('are refused by a server with a Fault that does not tell the password', async () => {
    const url = server.url('postgres', 'wr0ng-p@ssword');
    const failure: unknown = await SharedRecordsConnection.open({ url, clock, tables: [] }, () => undefined).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('password of the URL'),
    });
    expect(JSON.stringify([failure, String(failure), String((failure as Error).cause)])).not.toMatch(/wr0ng/);
  });
});

function record(over: Partial<ReplicatedRecord>): ReplicatedRecord {
  return {
    table: 'keys',
    id: 'k1',
    stamp: { major: 1, minor: 0 },
    writer: 'n1',
    isDeleted: false,
    payload: { name: 'x' },
    ...over,
  };
}
