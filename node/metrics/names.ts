import { clusterMetricNames } from './cluster-names.ts';
import type { MetricName } from './metric-name.ts';
import { usageMetricNames } from './usage-names.ts';

export type { MetricName };

/** Accounts shown as series of their own; a node with more shows the first so many. */
export const accountLabelsMax = 1000;
/** Model names kept as label values; further ones are counted as `other`. Clients choose these names. */
export const modelLabelsMax = 200;
/** Outcomes (`ok` and fault codes) kept as label values; further ones are counted as `other`. */
export const outcomeLabelsMax = 100;
/** Codes of faults that can disable an account, with room for more. */
const disablingCodes = 16;
const protocolLabels = 10;
const providerLabels = 16;
/** HTTP statuses 100 to 599, as sent. */
const statusLabels = 500;

/** Three buckets and four budgets. */
const limitLabels = 7;

const account = { account: accountLabelsMax, provider: providerLabels };

export const metricNames = {
  httpRequests: {
    name: 'aiproxy_http_requests_total',
    help: 'Requests of clients that were answered, by way in and status (499: the client left).',
    type: 'counter',
    labels: { protocol: protocolLabels, status: statusLabels },
  },
  httpDuration: {
    name: 'aiproxy_http_request_duration_seconds',
    help: "Time from a request's head to its response's end.",
    type: 'histogram',
    labels: { protocol: protocolLabels },
  },
  httpActive: {
    name: 'aiproxy_http_active_requests',
    help: 'Requests being answered now.',
    type: 'gauge',
    labels: {},
  },
  ttft: {
    name: 'aiproxy_ttft_seconds',
    help: "Time from a request's head to the first byte for the client.",
    type: 'histogram',
    labels: { protocol: protocolLabels },
  },
  overhead: {
    name: 'aiproxy_overhead_seconds',
    help: 'Time spent inside the proxy, the upstream not counted.',
    type: 'histogram',
    labels: { protocol: protocolLabels },
  },
  providerRequests: {
    name: 'aiproxy_provider_requests_total',
    help: 'Tries at upstreams that have ended, by provider and model.',
    type: 'counter',
    labels: { provider: providerLabels, model: modelLabelsMax + 1 },
  },
  providerErrors: {
    name: 'aiproxy_provider_errors_total',
    help: 'Tries at upstreams that failed, by provider and fault code (docs/errors.md).',
    type: 'counter',
    labels: { provider: providerLabels, code: outcomeLabelsMax + 1 },
  },
  providerTokens: {
    name: 'aiproxy_provider_tokens_used_total',
    help: 'Tokens as upstreams reported them; the kinds do not overlap: input (uncached), cache_read, cache_write, output.',
    type: 'counter',
    labels: { provider: providerLabels, model: modelLabelsMax + 1, kind: 4 },
  },
  providerDuration: {
    name: 'aiproxy_provider_response_seconds',
    help: "Time from sending a request to an upstream to its answer's end.",
    type: 'histogram',
    labels: { provider: providerLabels },
  },
  accountAvailable: {
    name: 'aiproxy_account_available',
    help: '1 while the account may be chosen: enabled, breaker not open, not resting.',
    type: 'gauge',
    labels: account,
  },
  accountInFlight: {
    name: 'aiproxy_account_in_flight',
    help: 'Requests that the account serves now.',
    type: 'gauge',
    labels: account,
  },
  accountBreaker: {
    name: 'aiproxy_account_breaker_state',
    help: 'Circuit breaker of the account: 0 closed, 1 half-open, 2 open.',
    type: 'gauge',
    labels: account,
  },
  accountBreakerOpened: {
    name: 'aiproxy_account_breaker_opened_total',
    help: 'How often the circuit breaker of the account has opened.',
    type: 'counter',
    labels: account,
  },
  accountDisabled: {
    name: 'aiproxy_account_disabled_total',
    help: "How often the upstream's word took the account out of service, by fault code (docs/errors.md).",
    type: 'counter',
    labels: { account: accountLabelsMax, code: disablingCodes },
  },
  accountRequests: {
    name: 'aiproxy_account_requests_total',
    help: 'Requests that the account was chosen for.',
    type: 'counter',
    labels: account,
  },
  accountErrors: {
    name: 'aiproxy_account_errors_total',
    help: 'Requests that failed at the account and count against it.',
    type: 'counter',
    labels: account,
  },
  accountRests: {
    name: 'aiproxy_account_rests_until_seconds',
    help: 'Unix time at which the rest after a 429 ends; 0 when the account does not rest.',
    type: 'gauge',
    labels: account,
  },
  accountLatency: {
    name: 'aiproxy_account_first_byte_seconds',
    help: 'Moving average of the time to first byte; 0 before the first answer.',
    type: 'gauge',
    labels: account,
  },
  accountHealth: {
    name: 'aiproxy_account_health_score',
    help: 'Health of the account, 0 to 100.',
    type: 'gauge',
    labels: account,
  },
  accountWeight: { name: 'aiproxy_account_weight', help: 'Weight of the account.', type: 'gauge', labels: account },
  queueWaiting: {
    name: 'aiproxy_queue_waiting',
    help: 'Requests that wait for an account or a place.',
    type: 'gauge',
    labels: {},
  },
  queueSizeMax: {
    name: 'aiproxy_queue_size_max',
    help: 'Requests that may wait at most (queue_size).',
    type: 'gauge',
    labels: {},
  },
  queueOldest: {
    name: 'aiproxy_queue_oldest_wait_seconds',
    help: 'Age of the request that waits longest.',
    type: 'gauge',
    labels: {},
  },
  queueRejected: {
    name: 'aiproxy_queue_rejected_total',
    help: 'Requests turned away because the queue was full.',
    type: 'counter',
    labels: {},
  },
  queueExpired: {
    name: 'aiproxy_queue_expired_total',
    help: 'Requests that reached their deadline while they waited.',
    type: 'counter',
    labels: {},
  },
  concurrencyInFlight: {
    name: 'aiproxy_concurrency_in_flight',
    help: 'Places of global_max_concurrency that are taken.',
    type: 'gauge',
    labels: {},
  },
  concurrencyMax: {
    name: 'aiproxy_concurrency_max',
    help: 'Requests that are served at once at most (global_max_concurrency).',
    type: 'gauge',
    labels: {},
  },
  ...clusterMetricNames,
  ...usageMetricNames,
  cacheHits: {
    name: 'aiproxy_cache_hits_total',
    help: 'Requests answered without an upstream call of their own.',
    type: 'counter',
    labels: {},
  },
  cacheMisses: {
    name: 'aiproxy_cache_misses_total',
    help: 'Requests that could have been a hit and went to an upstream.',
    type: 'counter',
    labels: {},
  },
  cacheSize: {
    name: 'aiproxy_cache_size_bytes',
    help: 'Memory that kept answers take.',
    type: 'gauge',
    labels: {},
  },
  cacheSizeMax: {
    name: 'aiproxy_cache_size_max_bytes',
    help: 'Memory that kept answers may take (cache.max_size_mb).',
    type: 'gauge',
    labels: {},
  },
  cacheEntries: {
    name: 'aiproxy_cache_entries',
    help: 'Answers that are kept.',
    type: 'gauge',
    labels: {},
  },
  cacheEvictions: {
    name: 'aiproxy_cache_evictions_total',
    help: 'Answers that made room for others.',
    type: 'counter',
    labels: {},
  },
  cacheExpired: {
    name: 'aiproxy_cache_expired_total',
    help: 'Answers that were dropped for their age.',
    type: 'counter',
    labels: {},
  },
  cacheCoalesced: {
    name: 'aiproxy_cache_coalesced_total',
    help: 'Hits that waited for an identical request under way at this node.',
    type: 'counter',
    labels: {},
  },
  cachePeerHits: {
    name: 'aiproxy_cache_peer_hits_total',
    help: 'Hits that came from another member.',
    type: 'counter',
    labels: {},
  },
  cacheEnabled: {
    name: 'aiproxy_cache_enabled',
    help: '1 while answers are kept and served.',
    type: 'gauge',
    labels: {},
  },
  limitRefusals: {
    name: 'aiproxy_limit_refusals_total',
    help: "Requests that their key's limits did not let in, by reason.",
    type: 'counter',
    labels: { reason: limitLabels },
  },
  limitKeys: {
    name: 'aiproxy_limit_keys',
    help: 'Keys with limits that were used within the last minutes.',
    type: 'gauge',
    labels: {},
  },
  budgetsUnwritten: {
    name: 'aiproxy_budgets_unwritten',
    help: 'Keys of which the other members have not been told all that they spent of their budgets here.',
    type: 'gauge',
    labels: {},
  },
  tokenRefreshes: {
    name: 'aiproxy_token_refreshes_total',
    help: 'Refreshes of OAuth tokens by this node, by account and status (success, error).',
    type: 'counter',
    labels: { ...account, status: 2 },
  },
  tokensLost: {
    name: 'aiproxy_tokens_lost_total',
    help: 'OAuth logins that this node found dead because the answer with the next refresh token was lost with a node or a connection; the account needs a new login.',
    type: 'counter',
    labels: account,
  },
  tokenNeedsLogin: {
    name: 'aiproxy_account_needs_login',
    help: '1 while the login service refuses the refresh token of the account for good; a person must log in anew.',
    type: 'gauge',
    labels: account,
  },
  tokenExpires: {
    name: 'aiproxy_token_expires_timestamp_seconds',
    help: 'Unix time at which the OAuth token of the account ends; 0 while there is none.',
    type: 'gauge',
    labels: account,
  },
  tokensUnwritten: { name: 'aiproxy_tokens_unwritten', help: 'OAuth tokens not on disk.', type: 'gauge', labels: {} },
  amazonqTokenRefresh: {
    name: 'amazonq_token_refresh_total',
    help: 'Refreshes of Amazon Q tokens by this node, by account and status (success, error).',
    type: 'counter',
    labels: { account: accountLabelsMax, status: 2 },
  },
  amazonqRequests: {
    name: 'amazonq_requests_total',
    help: 'Tries at Amazon Q accounts, by account and status (success, error).',
    type: 'counter',
    labels: { account: accountLabelsMax, status: 2 },
  },
  amazonqErrors: {
    name: 'amazonq_errors_total',
    help: 'Failed tries at Amazon Q accounts, by account and fault code.',
    type: 'counter',
    labels: { account: accountLabelsMax, error_type: outcomeLabelsMax + 1 },
  },
  amazonqResponse: {
    name: 'amazonq_response_seconds',
    help: "Time from sending a request to Amazon Q to its answer's end.",
    type: 'histogram',
    labels: { account: accountLabelsMax },
  },
  amazonqAvailable: {
    name: 'amazonq_account_available',
    help: '1 while the Amazon Q account may be chosen.',
    type: 'gauge',
    labels: { account: accountLabelsMax },
  },
  amazonqActive: {
    name: 'amazonq_active_requests',
    help: 'Requests that the Amazon Q account serves now.',
    type: 'gauge',
    labels: { account: accountLabelsMax },
  },
  amazonqBreakerOpened: {
    name: 'amazonq_circuit_breaker_opened_total',
    help: 'How often the circuit breaker of the Amazon Q account has opened.',
    type: 'counter',
    labels: { account: accountLabelsMax },
  },
  amazonqRequestCount: {
    name: 'amazonq_account_request_count',
    help: 'Requests that the Amazon Q account was chosen for.',
    type: 'gauge',
    labels: { account: accountLabelsMax },
  },
  amazonqErrorCount: {
    name: 'amazonq_account_error_count',
    help: 'Requests that failed at the Amazon Q account.',
    type: 'gauge',
    labels: { account: accountLabelsMax },
  },
  amazonqSuccessCount: {
    name: 'amazonq_account_success_count',
    help: 'Requests that the Amazon Q account served.',
    type: 'gauge',
    labels: { account: accountLabelsMax },
  },
} as const satisfies Record<string, MetricName>;
