import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { silentLog } from '../../../kit/log.ts';
import { systemRandom } from '../../../kit/random.ts';
import { openSqliteUsageStore } from '../../../node/store/sqlite/usage-store.ts';
import { usageStoreSuite } from '../../suites/usage-store.ts';

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const deps = { clock: systemClock, random: systemRandom, log: silentLog };

usageStoreSuite('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aiproxy-usage-'));
  folders.push(folder);
  return openSqliteUsageStore(deps, { folder });
});
