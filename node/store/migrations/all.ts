import type { Migration } from '../migrate.ts';
import { tracesAndUsage } from './0001-traces-and-usage.ts';
import { sharedRecords } from './0002-shared-records.ts';

/** All steps of the schema, in their order. */
export const migrations: readonly Migration[] = [tracesAndUsage, sharedRecords];
