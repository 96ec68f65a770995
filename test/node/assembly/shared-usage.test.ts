import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { silentLog } from '../../../kit/log.ts';
import { systemRandom } from '../../../kit/random.ts';
import { openMesh } from '../../../node/assembly/mesh/open-mesh.ts';
import { makeUsage, type MadeUsage } from '../../../node/assembly/usage.ts';
import { loadConfiguration } from '../../../node/config/load.ts';
import type { RecorderReading } from '../../../node/usage/contract.ts';
import { PostgresServer } from '../../postgres-server.ts';
import { findProgram } from '../../programs.ts';
import { until } from '../../processes/until.ts';
import { baseMs, traceOf } from '../../suites/any-trace.ts';

const hourMs = 3_600_000;
const traceCount = 500;

interface Node extends MadeUsage {
  readonly name: string;
  close(): Promise<void>;
}

describe.skipIf(findProgram('postgres') === undefined)('usage of nodes with a database in common', () => {
  let server: PostgresServer;
  let folder: string;
  const nodes: Node[] = [];
  beforeAll(async () => {
    server = await PostgresServer.start();
    folder = await mkdtemp(join(tmpdir(), 'aiproxy-shared-'));
  }, 60_000);
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.close();
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(store: string, name: string): Promise<Node> {
    const args = ['--store', store, '--node-id', name, '--data-dir', join(folder, name)];
    const configuration = await loadConfiguration({ args, env: {}, cwd: folder, home: folder });
    if (!configuration.ok) throw new Error(configuration.errors.join('\n'));
    const { settings } = configuration;
    const facts = { id: name, version: '1.0.0', clock: systemClock, random: systemRandom };
    const { mesh } = await openMesh(settings, facts, silentLog, '127.0.0.1');
    await mesh.start(() => undefined);
    const usage = await makeUsage({ settings, node: facts, log: silentLog, mesh });
    const node = {
      ...usage,
      name,
      async close() {
        await usage.stop();
        await mesh.leave(false);
      },
    };
    nodes.push(node);
    return node;
  }

  const recordAll = (node: Node) => {
    for (let each = 0; each < traceCount; each++) {
      node.recorder.record(traceOf({ node: node.name, key: `k${each % 3}`, startedAtMs: baseMs + each }));
    }
  };

  const allWritten = async (node: Node) => {
    const isWritten = ({ writtenTraces, spilledBytes }: RecorderReading) =>
      writtenTraces >= traceCount && spilledBytes === 0;
    await until(() => isWritten(node.desk.reading()));
  };

  const requests = async (node: Node) => {
    const { rows, missing } = await node.desk.usage({ groupBy: 'key', fromMs: baseMs, toMs: baseMs + hourMs });
    expect(missing).toEqual([]);
    return rows.reduce((sum, row) => sum + row.requests, 0);
  };

  it('is whole from either', async () => {
    const store = (await server.createDatabase()).reveal();
    const [one, other] = [await start(store, 'one'), await start(store, 'other')];
    for (const node of [one, other]) recordAll(node);
    for (const node of [one, other]) await allWritten(node);
    expect([await requests(one), await requests(other)]).toEqual([2 * traceCount, 2 * traceCount]);
    const { traces } = await one.desk.traces({ fromMs: baseMs, toMs: baseMs + hourMs, limit: 10 });
    expect(new Set(traces.map(({ node }) => node))).toEqual(new Set(['one', 'other']));
    const [found] = traces;
    expect(await other.desk.trace(found?.requestId ?? '')).toEqual(found);
  });

  it('loses nothing of what was recorded while the server was down', async () => {
    const store = (await server.createDatabase()).reveal();
    await server.crash();
    const one = await start(store, 'spilling');
    recordAll(one);
    await one.close();
    nodes.pop();
    await server.start();
    const again = await start(store, 'spilling');
    await allWritten(again);
    expect(await requests(again)).toBe(traceCount);
    expect(again.desk.reading()).toMatchObject({ lostTraces: 0, spilledBytes: 0 });
  });
});
