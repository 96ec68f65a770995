import { z } from 'zod';
import {
  booleanSetting,
  choiceSetting,
  durationSetting,
  formSetting,
  integerSetting,
  listSetting,
  numberSetting,
  textSetting,
  urlSetting,
} from '../../kit/setting.ts';
import type { ProviderId } from '../providers/contract.ts';
import { providers } from '../providers/registry.ts';

/** In the order of the registry, which is that of help and documentation. */
export const providerIds: readonly ProviderId[] = [...providers.keys()];

/** Ids stand in paths, file names and metric labels, hence the form and the length. */
export const accountIdForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const accountIdAllowed =
  '1 to 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit';

/** Accounts that one node holds at most: choosing is O(log n), but metrics carry one label value each. */
export const accountCountMax = 1_000;

/** What every account has, whatever its provider; the provider's own fields stand beside these. */
export const accountSettings = z.strictObject({
  id: formSetting(accountIdForm, accountIdAllowed).describe(
    'Name of the account, unique; shown in statistics and metrics.',
  ),
  provider: choiceSetting(providerIds).describe('Kind of upstream.'),
  base_url: urlSetting()
    .optional()
    .describe("Address of the upstream; by default the provider's own, where it has one."),
  weight: integerSetting({ min: 0, max: 1_000 })
    .default(10)
    .describe(
      'Share of the requests under weighted strategies, relative to the other accounts; 0 serves only when no other account can.',
    ),
  max_concurrency: integerSetting({ min: 1, max: 100_000 })
    .optional()
    .describe('Requests in flight at the account at once; absent: only `limits.global_max_concurrency` holds.'),
  enabled: booleanSetting().default(true).describe('A disabled account keeps its counters and takes no request.'),
  group: textSetting('the name of a group', 64)
    .default('default')
    .describe('Group of the account; accounts without one form `default`, which is primary.'),
  models: listSetting(textSetting('a model name', 256))
    .optional()
    .describe('Models that the account serves; absent: what discovery finds.'),
  accept_unknown_models: booleanSetting()
    .default(false)
    .describe('Takes any model name, also one that neither `models` nor discovery lists.'),
  discovery: booleanSetting()
    .default(true)
    .describe('Asks the upstream for its models at start; off: the account takes any name unless `models` is given.'),
});

export type AccountSettings = z.infer<typeof accountSettings>;

export const breakerSettings = z.strictObject({
  enabled: booleanSetting().default(true).describe('Whether failing accounts are taken out of the choice.'),
  error_threshold: integerSetting({ min: 1, max: 10_000 })
    .default(5)
    .describe('Failures that open the breaker; a success lowers the count by one.'),
  failure_rate: numberSetting({ min: 0.01, max: 1 })
    .default(0.6)
    .describe('Share of failures that opens the breaker, once there were `min_requests`.'),
  min_requests: integerSetting({ min: 1, max: 1_000_000 })
    .default(10)
    .describe('Requests before `failure_rate` counts: fewer say nothing about a rate.'),
  recovery_timeout: durationSetting('1s', '24h')
    .default(300_000)
    .describe('How long an open breaker keeps its account out before one trial request is let through.'),
  rest_cap: durationSetting('1s', '24h')
    .default(3_600_000)
    .describe('Longest rest after a 429, whatever Retry-After says (some providers asked for 156 h); then one trial.'),
});

export type BreakerSettings = z.infer<typeof breakerSettings>;

export const healthSettings = z.strictObject({
  interval: durationSetting('1s', '24h')
    .default(300_000)
    .describe(
      'Time between checks of one account; accounts that just served well are not asked, to spare their quota.',
    ),
  adjust_weights: booleanSetting()
    .default(false)
    .describe('Lowers and raises weights by the health score, within bounds.'),
});

export type HealthSettings = z.infer<typeof healthSettings>;
