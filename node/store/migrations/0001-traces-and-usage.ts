import type { Migration } from '../migrate.ts';

/**
 * A trace that started within a group is found by the end of the group, as no group spans more than a minute
 * (`trace-groups.ts`). Places in the rows are those of `traceColumns`. The view `traces` is for people with a database
 * client: one row a trace, with the names of the API; `cost` is in units of `currency`.
 *
 * SQLite takes a microsecond for each row that it adds up, and a month of hours may have millions: `usage_days` has the
 * sums of whole days (UTC) of the same cells.
 */
const sqlite = `
  CREATE TABLE trace_groups (
    id INTEGER PRIMARY KEY,
    node TEXT NOT NULL,
    key TEXT NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    count INTEGER NOT NULL,
    format INTEGER NOT NULL,
    rows TEXT NOT NULL,
    CHECK (to_ms - from_ms BETWEEN 0 AND 60000)
  ) STRICT;
  CREATE INDEX trace_groups_by_key ON trace_groups (key, to_ms, from_ms);
  CREATE INDEX trace_groups_by_time ON trace_groups (to_ms, from_ms);

  CREATE TABLE usage_hours (
    hour_ms INTEGER NOT NULL,
    node TEXT NOT NULL,
    key TEXT NOT NULL,
    "user" TEXT NOT NULL,
    account TEXT NOT NULL,
    model TEXT NOT NULL,
    currency TEXT NOT NULL,
    requests INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cache_creation_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cost_nano INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    PRIMARY KEY (hour_ms, node, key, "user", account, model, currency)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX usage_hours_by_key ON usage_hours (key, hour_ms);

  CREATE TABLE usage_days (
    day_ms INTEGER NOT NULL,
    node TEXT NOT NULL,
    key TEXT NOT NULL,
    "user" TEXT NOT NULL,
    account TEXT NOT NULL,
    model TEXT NOT NULL,
    currency TEXT NOT NULL,
    requests INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cache_creation_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cost_nano INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    PRIMARY KEY (day_ms, node, key, "user", account, model, currency)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX usage_days_by_key ON usage_days (key, day_ms);

  CREATE TABLE batches (
    id TEXT NOT NULL PRIMARY KEY,
    written_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX batches_by_time ON batches (written_at);

  CREATE TABLE prompts (
    request_id TEXT NOT NULL PRIMARY KEY,
    key TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    content BLOB NOT NULL
  ) STRICT;
  CREATE INDEX prompts_by_time ON prompts (expires_at);

  CREATE TABLE totals (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO totals VALUES ('traces', 0);

  CREATE VIEW traces AS SELECT
    t.value ->> '$[1]' AS request_id,
    t.value ->> '$[23]' AS client_request_id,
    t.value ->> '$[22]' AS "user",
    g.key AS key,
    g.node AS node,
    t.value ->> '$[10]' AS account,
    t.value ->> '$[11]' AS provider,
    t.value ->> '$[8]' AS model_requested,
    t.value ->> '$[9]' AS model_served,
    t.value ->> '$[12]' AS protocol_in,
    t.value ->> '$[13]' AS protocol_out,
    t.value ->> '$[0]' AS status,
    t.value ->> '$[14]' AS error_code,
    t.value ->> '$[6]' AS attempts,
    t.value ->> '$[7]' AS cache,
    t.value ->> '$[5]' AS queue_wait_ms,
    t.value ->> '$[4]' AS ttft_ms,
    t.value ->> '$[3]' AS duration_ms,
    t.value ->> '$[15]' AS prompt_tokens,
    t.value ->> '$[16]' AS completion_tokens,
    t.value ->> '$[17]' AS cache_creation_tokens,
    t.value ->> '$[18]' AS cache_read_tokens,
    t.value ->> '$[19]' AS usage_estimated,
    t.value ->> '$[20]' / 1e9 AS cost,
    t.value ->> '$[21]' AS currency,
    strftime('%Y-%m-%dT%H:%M:%fZ', (t.value ->> '$[2]') / 1000.0, 'unixepoch') AS started_at,
    t.value ->> '$[2]' AS started_at_ms
  FROM trace_groups AS g, json_each(g.rows) AS t;`;

const postgres = `
  CREATE TABLE trace_groups (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    node TEXT NOT NULL,
    key TEXT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL,
    count INTEGER NOT NULL,
    format INTEGER NOT NULL,
    rows TEXT NOT NULL,
    CHECK (to_ms - from_ms BETWEEN 0 AND 60000)
  );
  CREATE INDEX trace_groups_by_key ON trace_groups (key, to_ms, from_ms);
  CREATE INDEX trace_groups_by_time ON trace_groups (to_ms, from_ms);

  CREATE TABLE usage_hours (
    hour_ms BIGINT NOT NULL,
    node TEXT NOT NULL,
    key TEXT NOT NULL,
    "user" TEXT NOT NULL,
    account TEXT NOT NULL,
    model TEXT NOT NULL,
    currency TEXT NOT NULL,
    requests BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    cache_creation_tokens BIGINT NOT NULL,
    cache_read_tokens BIGINT NOT NULL,
    cost_nano BIGINT NOT NULL,
    estimated BIGINT NOT NULL,
    PRIMARY KEY (hour_ms, node, key, "user", account, model, currency)
  );
  CREATE INDEX usage_hours_by_key ON usage_hours (key, hour_ms);

  CREATE TABLE batches (
    id TEXT PRIMARY KEY,
    written_at BIGINT NOT NULL
  );
  CREATE INDEX batches_by_time ON batches (written_at);

  CREATE TABLE prompts (
    request_id TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    content BYTEA NOT NULL
  );
  CREATE INDEX prompts_by_time ON prompts (expires_at);

  CREATE VIEW traces AS SELECT
    t.value ->> 1 AS request_id,
    t.value ->> 23 AS client_request_id,
    t.value ->> 22 AS "user",
    g.key AS key,
    g.node AS node,
    t.value ->> 10 AS account,
    t.value ->> 11 AS provider,
    t.value ->> 8 AS model_requested,
    t.value ->> 9 AS model_served,
    t.value ->> 12 AS protocol_in,
    t.value ->> 13 AS protocol_out,
    (t.value ->> 0)::integer AS status,
    t.value ->> 14 AS error_code,
    (t.value ->> 6)::integer AS attempts,
    t.value ->> 7 AS cache,
    (t.value ->> 5)::double precision AS queue_wait_ms,
    (t.value ->> 4)::double precision AS ttft_ms,
    (t.value ->> 3)::double precision AS duration_ms,
    (t.value ->> 15)::bigint AS prompt_tokens,
    (t.value ->> 16)::bigint AS completion_tokens,
    (t.value ->> 17)::bigint AS cache_creation_tokens,
    (t.value ->> 18)::bigint AS cache_read_tokens,
    (t.value ->> 19)::integer AS usage_estimated,
    (t.value ->> 20)::numeric / 1000000000 AS cost,
    t.value ->> 21 AS currency,
    to_timestamp((t.value ->> 2)::numeric / 1000) AS started_at,
    (t.value ->> 2)::bigint AS started_at_ms
  FROM trace_groups AS g, jsonb_array_elements(g.rows::jsonb) AS t(value);`;

export const tracesAndUsage: Migration = { version: 1, name: 'traces-and-usage', sql: { sqlite, postgres } };
