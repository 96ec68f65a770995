import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import type { UsageGrouping } from '../../../node/store/contract.ts';
import { migrations } from '../../../node/store/migrations/all.ts';
import { sumsSql, usageSql } from '../../../node/store/usage-rows.ts';

const database = new DatabaseSync(':memory:');
for (const { sql } of migrations) database.exec(sql.sqlite);
afterAll(() => database.close());

const place = () => '?';
const fromMs = 5 * 86_400_000 + 3_600_000;
const span = { fromMs, toMs: fromMs + 10 * 86_400_000 };

/** How SQLite goes about it; a SCAN of a table reads all of it, whatever time was asked for. */
function planOf(sql: string, values: readonly (string | number)[]): string[] {
  return database
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...values)
    .map(({ detail }) => String(detail));
}

describe('questions to the sums in SQLite read no more than the time that is asked for', () => {
  it.each(['usage_hours', 'usage_days'] as const)('what keys used, by %s', (table) => {
    const plan = planOf(sumsSql(place, table), ['n1', fromMs]);
    expect(plan[0]).toMatch(new RegExp(`^SEARCH ${table} USING PRIMARY KEY`));
  });

  it.each<UsageGrouping>(['hour', 'day', 'key', 'user', 'account', 'model'])('usage by %s', (groupBy) => {
    for (const conditions of [{}, { key: 'k' }, { user: 'u' }, { account: 'a', model: 'm' }]) {
      const { sql, values } = usageSql({ groupBy, ...span, ...conditions }, place, true);
      expect(planOf(sql, values).filter((step) => /SCAN usage_/.test(step))).toEqual([]);
    }
  });
});
