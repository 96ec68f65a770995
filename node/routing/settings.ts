import { z } from 'zod';
import {
  booleanSetting,
  choiceSetting,
  durationSetting,
  integerSetting,
  secretUrlSetting,
  textSetting,
} from '../../kit/setting.ts';

export const strategyNames = [
  'round_robin',
  'weighted_round_robin',
  'least_requests',
  'least_used',
  'random',
  'ip_hash',
  'health_best',
  'peak_ewma',
  'prompt_affinity',
] as const;
export type StrategyName = (typeof strategyNames)[number];

/** Names that users of the absorbed systems type for the same strategies. */
export const strategyAliases = {
  weighted: 'weighted_round_robin',
  least_connections: 'least_requests',
} as const satisfies Readonly<Record<string, StrategyName>>;

const strategySetting = () => choiceSetting(strategyNames, strategyAliases);

export const groupSettings = z.strictObject({
  priority: choiceSetting(['primary', 'secondary', 'fallback'])
    .default('primary')
    .describe('Order in which groups serve: the next one only while all accounts of the one before cannot.'),
  strategy: strategySetting()
    .optional()
    .describe('How an account of the group is chosen; absent: `load_balancer.algorithm`.'),
});

/** Groups by name. 64: each is a level of failover and a label value. */
export const groupsSettings = z.record(textSetting('the name of a group', 64), groupSettings).default({});
export type GroupsSettings = z.infer<typeof groupsSettings>;

export const prioritySettings = z.strictObject({
  auto_failover: booleanSetting().default(true).describe('Moves traffic to the next group when the active one fails.'),
  auto_recovery: booleanSetting().default(true).describe('Moves traffic back when the better group is well again.'),
  failure_threshold: integerSetting({ min: 1, max: 1_000 })
    .default(3)
    .describe('Failed checks, or accounts with an open breaker, that move traffic down.'),
  cooldown: durationSetting('0s', '24h')
    .default(300_000)
    .describe('How long a group must be well before traffic moves back, so that it does not flap.'),
});
export type PrioritySettings = z.infer<typeof prioritySettings>;

export const modelsSettings = z.record(textSetting('a model name', 256), textSetting('a model name', 256)).default({});
export type ModelsSettings = z.infer<typeof modelsSettings>;

export const loadBalancerSettings = z.strictObject({
  enabled: booleanSetting().default(true).describe('Off: the first account that can serve takes every request.'),
  algorithm: strategySetting()
    .default('weighted_round_robin')
    .describe('Strategy of the groups that name none. `weighted` and `least_connections` are aliases.'),
  health_check_interval: durationSetting('1s', '24h').optional().describe('Another name for `health.interval`.'),
});
export type LoadBalancerSettings = z.infer<typeof loadBalancerSettings>;

export const affinitySetting = choiceSetting(['auto', 'off', 'always'])
  .default('auto')
  .describe(
    'Keeps a conversation at the account whose prompt cache is warm for it, whatever the strategy. `auto`: requests that use prompt caching or name a session; `always`: all.',
  );
export type AffinitySetting = z.infer<typeof affinitySetting>;

export const notifySettings = z.strictObject({
  webhook: secretUrlSetting()
    .optional()
    .describe('URL that is sent a JSON POST on failover, recovery and lost accounts.'),
  command: textSetting('a command line')
    .optional()
    .describe('Command that is run on the same events, facts in its environment.'),
});
export type NotifySettings = z.infer<typeof notifySettings>;
