import type { Migration } from '../migrate.ts';

/**
 * Users, keys and other records, for nodes that have a PostgreSQL in common: each row the newest write of a record, by
 * (major, minor, writer). The payload is JSON as `shared-record-row.ts` writes it. Numbers of `seq` are given in the order in which
 * writes become visible, as each takes the row of `record_sequence` first: who read up to one has missed none before it.
 * With SQLite each node keeps its records in a file of their own.
 */
const postgres = `
  CREATE TABLE records (
    table_name TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    major BIGINT NOT NULL,
    minor BIGINT NOT NULL,
    writer TEXT COLLATE "C" NOT NULL,
    is_deleted BOOLEAN NOT NULL,
    payload TEXT,
    seq BIGINT NOT NULL,
    PRIMARY KEY (table_name, id)
  );
  CREATE UNIQUE INDEX records_by_seq ON records (seq, table_name, id);

  CREATE TABLE record_sequence (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    value BIGINT NOT NULL
  );
  INSERT INTO record_sequence VALUES (1, 0);`;

export const sharedRecords: Migration = { version: 2, name: 'shared-records', sql: { sqlite: '', postgres } };
