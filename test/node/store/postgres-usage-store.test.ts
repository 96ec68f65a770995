import { afterAll, beforeAll, describe } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { silentLog } from '../../../kit/log.ts';
import { systemRandom } from '../../../kit/random.ts';
import type { Secret } from '../../../kit/secret.ts';
import { openPostgresUsageStore } from '../../../node/store/postgres/usage-store.ts';
import { PostgresServer } from '../../postgres-server.ts';
import { findProgram } from '../../programs.ts';
import { usageStoreSuite } from '../../suites/usage-store.ts';

const deps = { clock: systemClock, random: systemRandom, log: silentLog };

describe.skipIf(findProgram('postgres') === undefined)('a server of PostgreSQL', () => {
  let server: PostgresServer;
  let url: Secret;
  beforeAll(async () => {
    server = await PostgresServer.start();
    url = await server.createDatabase();
  }, 60_000);
  afterAll(() => server.stop());

  usageStoreSuite('PostgreSQL', async () => {
    await server.clear(url);
    return openPostgresUsageStore(deps, { url });
  });
});
