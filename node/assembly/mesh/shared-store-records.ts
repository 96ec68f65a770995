import type { Clock } from '../../../kit/clock.ts';
import type { Log } from '../../../kit/log.ts';
import type { Random } from '../../../kit/random.ts';
import type { Settings } from '../../config/index.ts';
import { SharedRecordsConnection } from '../../store/postgres/shared-records.ts';
import { RecordExchange, type RecordExchangeParts } from './record-exchange.ts';

/**
 * Tables that nodes of a database share though no mesh is between them. Not among them: tokens of accounts, whose order
 * a leader gives, and the cache, which is each node's own.
 */
export const sharedTables: readonly string[] = [
  'accounts',
  'settings',
  'users',
  'keys',
  'roles',
  'prices',
  'sessions',
  'signing_keys',
  'lockouts',
  'budgets',
  'resets',
];

export interface SharedStoreParts {
  readonly settings: Pick<Settings, 'store'>;
  readonly records: RecordExchangeParts['records'];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Undefined where the store is the node's own. Call it before the mesh is started, and `start` after that. */
export function makeRecordExchange({ settings, ...parts }: SharedStoreParts): RecordExchange | undefined {
  const { store } = settings;
  if (store.kind === 'sqlite') return undefined;
  const options = { url: store.url, clock: parts.clock, tables: sharedTables };
  return new RecordExchange({
    ...parts,
    tables: sharedTables,
    open: (onNews) => SharedRecordsConnection.open(options, onNews),
  });
}
