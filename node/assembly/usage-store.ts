import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
import type { Settings } from '../config/index.ts';
import type { UsageStore } from '../store/contract.ts';
import { openPostgresUsageStore } from '../store/postgres/usage-store.ts';
import { openSqliteUsageStore } from '../store/sqlite/usage-store.ts';
import { nodeFolderOf } from './mesh/node-identity.ts';

export interface UsageStoreSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Opens the store of traces and usage that the settings name: SQLite in the node's own folder, or PostgreSQL, which need
 * not answer yet. Rejects with `store_url_invalid`.
 */
export async function openUsageStore(settings: Settings, deps: UsageStoreSurroundings): Promise<UsageStore> {
  const { store } = settings;
  if (store.kind === 'postgres') return openPostgresUsageStore(deps, { url: store.url });
  return openSqliteUsageStore(deps, { folder: nodeFolderOf(settings) });
}
