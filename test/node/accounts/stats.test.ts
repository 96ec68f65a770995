import { expect, test } from 'vitest';
import {
  accountDetail,
  accountsConcurrency,
  accountsHealth,
  accountsLoadStats,
  accountsStats,
  breakerStats,
  loadBalancerInstances,
} from '../../../node/accounts/stats.ts';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import { at, pool } from './pool.ts';

function used() {
  const made = pool([{ id: 'work', weight: 5, maxConcurrency: 50 }, { id: 'spare', enabled: false }, { id: 'ill' }]);
  const { all, clock } = made;
  at(all, 0).begin(clock.nowMs(), 'm')?.succeed(clock.nowMs(), 120);
  for (let each = 0; each < 5; each++) {
    at(all, 2).begin(clock.nowMs(), 'm')?.fail(clock.nowMs(), protocolFaults.upstream_error('x'));
  }
  at(all, 0)
    .begin(clock.nowMs(), 'big')
    ?.fail(clock.nowMs(), protocolFaults.upstream_rate_limited('x', { scope: 'model', retryAfterMs: 1_000 }));
  return made;
}

test("GET /accounts/stats has S0's fields, to the letter and in order", () => {
  const { accounts, clock } = used();
  const stats = accountsStats(accounts, 'least_requests', clock.nowMs());
  expect(Object.keys(stats)).toEqual([
    'total_accounts',
    'available_accounts',
    'total_requests',
    'total_errors',
    'total_successes',
    'strategy',
    'circuit_breaker_enabled',
    'accounts',
  ]);
  expect(JSON.stringify(stats.accounts[0])).toBe(
    `{"id":"work","enabled":true,"weight":5,"request_count":2,"error_count":1,"success_count":1,` +
      `"last_used_at":"${new Date(clock.nowMs()).toISOString()}","circuit_breaker_open":false,"is_available":true}`,
  );
  expect({ ...stats, accounts: [] }).toEqual({
    total_accounts: 3,
    available_accounts: 1,
    total_requests: 7,
    total_errors: 6,
    total_successes: 1,
    strategy: 'least_requests',
    circuit_breaker_enabled: true,
    accounts: [],
  });
  expect(stats.accounts[1]).toMatchObject({ last_used_at: null, is_available: false, circuit_breaker_open: false });
  expect(stats.accounts[2]).toMatchObject({ is_available: false, circuit_breaker_open: true });
  expect(accountsHealth(accounts, clock.nowMs())).toEqual({ total: 3, available: 1, unavailable: 2 });
});

test('breakers are listed with those of models, and count by state', () => {
  const { accounts, clock } = used();
  const stats = breakerStats(accounts, clock.nowMs());
  expect([stats.open, stats.half_open, stats.closed]).toEqual([1, 0, 3]);
  expect(stats.breakers.map((row) => [row.account, row.model, row.state])).toEqual([
    ['work', null, 'closed'],
    ['work', 'big', 'closed'],
    ['spare', null, 'closed'],
    ['ill', null, 'open'],
  ]);
  expect(stats.breakers[1]?.rests_until).toBe(new Date(clock.nowMs() + 1_000).toISOString());
  expect(stats.breakers[3]).toMatchObject({
    failure_count: 5,
    opened_count: 1,
    retry_at: new Date(clock.nowMs() + 300_000).toISOString(),
  });
});

test('details, loads and instances are snake_case and JSON as they are', () => {
  const { accounts, all, clock } = used();
  const nowMs = clock.nowMs();
  expect(accountDetail(at(all, 0), nowMs)).toMatchObject({
    id: 'work',
    max_concurrency: 50,
    models: null,
    latency_ms: 120,
    in_flight: 0,
  });
  const answers = [
    accountsLoadStats(accounts, nowMs),
    accountsConcurrency(accounts),
    loadBalancerInstances(accounts, 'random', nowMs),
  ];
  for (const answer of answers) {
    const text = JSON.stringify(answer);
    expect(JSON.parse(text)).toEqual(answer);
    expect(text).not.toMatch(/"[a-z]+[A-Z]\w*":/);
  }
  expect(loadBalancerInstances(accounts, 'random', nowMs).instances[2]).toMatchObject({ id: 'ill', healthy: false });
});
