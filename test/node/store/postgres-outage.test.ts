import { createServer, type AddressInfo, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { silentLog } from '../../../kit/log.ts';
import { systemRandom } from '../../../kit/random.ts';
import { Secret } from '../../../kit/secret.ts';
import type { StoreBatch, UsageStore } from '../../../node/store/contract.ts';
import { openPostgresUsageStore } from '../../../node/store/postgres/usage-store.ts';
import { nameOf, PostgresServer } from '../../postgres-server.ts';
import { findProgram } from '../../programs.ts';
import { baseMs, batchOf, cellOf, traceOf } from '../../suites/any-trace.ts';

const deps = { clock: systemClock, random: systemRandom, log: silentLog };
const hourMs = 3_600_000;
const patienceMs = 20_000;
const hour = { fromMs: baseMs, toMs: baseMs + hourMs };

const opened: UsageStore[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

async function open(url: Secret): Promise<UsageStore> {
  const store = await openPostgresUsageStore(deps, { url });
  opened.push(store);
  return store;
}

describe.skipIf(findProgram('postgres') === undefined)('a store in PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 60_000);
  afterAll(() => server.stop());

  it('has every batch once that it took, and none of the others in part, when the server crashes under writes', async () => {
    const url = await server.createDatabase();
    const name = nameOf(url);
    const store = await open(url);
    const acknowledged = new Set<string>();
    const state = { isOver: false };
    const writing = Array.from({ length: 8 }, async (_, writer) => {
      for (let index = 0; !state.isOver; index++) {
        const batch = batchOfTwo(`${writer}/${index}`);
        while (!acknowledged.has(batch.id)) await attempt(batch);
      }
    });
    async function attempt(batch: StoreBatch): Promise<void> {
      try {
        await store.write(batch);
        acknowledged.add(batch.id);
      } catch (error) {
        expect(error).toMatchObject({ code: 'store_unavailable' });
        await systemClock.sleep(20);
      }
    }
    for (let crash = 0; crash < 3; crash++) {
      const target = acknowledged.size + 20;
      await until(async () => acknowledged.size >= target);
      await server.crash();
      const before = acknowledged.size;
      await server.start();
      const [kept] = await server.query(name, 'SELECT sum(count) AS traces FROM trace_groups');
      expect(Number(kept?.['traces'])).toBeGreaterThanOrEqual(2 * before);
    }
    state.isOver = true;
    await Promise.all(writing);
    const requests = 2 * acknowledged.size;
    expect(await store.size()).toMatchObject({ traces: requests });
    expect(await store.usage({ groupBy: 'key', ...hour })).toMatchObject([{ requests }]);
    const traces = await store.traces({ ...hour, limit: 100_000 });
    expect(new Set(traces.map(({ requestId }) => requestId)).size).toBe(requests);
  }, 120_000);

  it('opens while the server is down, and works once it is there', async () => {
    const url = await server.createDatabase();
    await server.crash();
    const store = await open(url);
    await expect(store.write(batchOfTwo('early'))).rejects.toMatchObject({ code: 'store_unavailable' });
    await server.start();
    await until(() =>
      store.write(batchOfTwo('early')).then(
        () => true,
        () => false,
      ),
    );
    expect(await store.size()).toMatchObject({ traces: 2 });
  });

  it('makes its tables again in a database that lost them', async () => {
    const url = await server.createDatabase();
    const store = await open(url);
    await store.write(batchOfTwo('before'));
    await server.clear(url);
    await until(() =>
      store.write(batchOfTwo('after')).then(
        () => true,
        () => false,
      ),
    );
    expect(await store.size()).toMatchObject({ traces: 2 });
  });

  it('is migrated once by nodes that open it at the same time', async () => {
    const url = await server.createDatabase();
    const stores = await Promise.all([open(url), open(url), open(url)]);
    await Promise.all(stores.map((store, index) => store.write(batchOf({ id: `b${index}`, usage: [cellOf()] }))));
    for (const store of stores) {
      expect(await store.usage({ groupBy: 'key', ...hour })).toMatchObject([{ requests: 3 }]);
    }
  });

  it('is not read where a newer version or another migration made it', async () => {
    const url = await server.createDatabase();
    const name = nameOf(url);
    await (await open(url)).write(batchOfTwo('one'));
    await server.query(name, "INSERT INTO migrations VALUES (999, 'later', 'x', 0)");
    await expect((await open(url)).size()).rejects.toMatchObject({ code: 'usage_store_newer' });
    await server.query(name, "DELETE FROM migrations WHERE version = 999; UPDATE migrations SET checksum = 'x'");
    await expect((await open(url)).size()).rejects.toMatchObject({ code: 'migration_changed' });
  });

  it('has a view of its traces, a row each', async () => {
    const url = await server.createDatabase();
    const trace = traceOf({ modelRequested: 'a\0"b', costNano: 1_500_000_000, ttftMs: undefined });
    await (await open(url)).write(batchOf({ traces: [trace, traceOf({ status: 500 })] }));
    const rows = await server.query(nameOf(url), 'SELECT * FROM traces WHERE status = 200');
    expect(rows).toMatchObject([
      { request_id: trace.requestId, model_requested: 'a\u{fffd}"b', ttft_ms: null, key: 'k1', node: 'n1' },
    ]);
    expect(Number(rows[0]?.['cost'])).toBe(1.5);
    expect(rows[0]?.['started_at']).toEqual(new Date(trace.startedAtMs));
  });

  it('tells what is wrong with the user, the password or the database, and never the password', async () => {
    const { port } = server;
    const wrong = {
      'the user or the password': `postgres://aiproxy:hush%20hush@127.0.0.1:${port}/postgres`,
      'does not exist': `${server.url('nowhere').reveal()}`,
      'does not support SSL': `${server.url('postgres').reveal()}?sslmode=verify-full`,
      'nothing listens': 'postgres://aiproxy:hush%20hush@127.0.0.1:1/postgres',
    };
    for (const [what, url] of Object.entries(wrong)) {
      const failure: unknown = await (await open(new Secret(url))).size().catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'store_unavailable', message: expect.stringContaining(what) });
      expect(inspect(failure, { depth: 9, showHidden: true })).not.toMatch(/hush|ss\/w:rd|w%3Ard/);
    }
  });
});

describe('a URL of a store', () => {
  it('is refused without being repeated where it cannot be read', async () => {
    for (const url of [
      'postgres://u:hush@ho st:x/db',
      'postgres://u:hush@host:99999/db',
      'postgres://u:hush@[::1/db',
    ]) {
      const failure: unknown = await openPostgresUsageStore(deps, { url: new Secret(url) }).catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({ code: 'store_url_invalid', field: 'store' });
      expect(inspect(failure, { depth: 9, showHidden: true })).not.toMatch(/hush/);
    }
  });

  it('is refused where a certificate that it names is not there', async () => {
    const url = new Secret('postgres://u:hush@host/db?sslmode=verify-full&sslrootcert=/no/such/file');
    await expect(openPostgresUsageStore(deps, { url })).rejects.toMatchObject({
      code: 'store_url_invalid',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it('that leads to a server which says nothing is given up after a bounded time', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as AddressInfo;
    const store = await open(new Secret(`postgres://u:hush@127.0.0.1:${port}/db`));
    await expect(store.size()).rejects.toMatchObject({ code: 'store_unavailable' });
    for (const socket of sockets) socket.destroy();
    silent.close();
  }, 30_000);
});

/** Two requests: both traces and their sum, or none of it. */
function batchOfTwo(id: string): StoreBatch {
  return batchOf({ id, traces: [traceOf(), traceOf()], usage: [cellOf({ requests: 2 })] });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const endMs = systemClock.monotonicMs() + patienceMs;
  while (!(await isSo())) {
    if (systemClock.monotonicMs() > endMs) throw new Error(`not so after ${patienceMs} ms`);
    await systemClock.sleep(10);
  }
}
