import { z } from 'zod';
import { clusterSettings } from '../../cluster/settings.ts';
import { logLevels } from '../../kit/log.ts';
import { choiceSetting, listSetting, pathSetting } from '../../kit/setting.ts';
import { breakerSettings, healthSettings, providerIds, type AccountSettings } from '../accounts/settings.ts';
import { authSettings, keyPlacesSettings } from '../auth/settings.ts';
import { cacheSettings, redisSettings } from '../cache/settings.ts';
import { limitsSettings } from '../forward/settings.ts';
import {
  adminSettings,
  apiKeySetting,
  corsSettings,
  hostSetting,
  metricsSettings,
  portSettingOfNode,
  trustedProxiesSetting,
  websocketSettings,
} from '../http/settings.ts';
import { queueSettings } from '../queue/settings.ts';
import {
  affinitySetting,
  groupsSettings,
  loadBalancerSettings,
  modelsSettings,
  notifySettings,
  prioritySettings,
} from '../routing/settings.ts';
import { storeSetting } from '../store/settings.ts';
import { pricesSettings, usageSettings } from '../usage/settings.ts';

/** Everything but `accounts`, whose fields depend on their provider. Sections are in the order of the documentation. */
export const settingsSchema = z.strictObject({
  host: hostSetting,
  port: portSettingOfNode,
  api_key: apiKeySetting,
  data_dir: pathSetting().optional().describe('Folder for keys, tokens and the store; absent: `~/.aiproxy`.'),
  log_level: choiceSetting(logLevels).default('info').describe('What is logged: this level and those above it.'),
  model_providers: listSetting(choiceSetting(providerIds), 100)
    .default([])
    .describe('Providers whose credentials are given by flags or environment; each becomes an account.'),
  groups: groupsSettings.describe('Named sets of accounts.'),
  models: modelsSettings.describe(
    'Other names for models: what clients ask for, and the model (or `provider/model`) it means.',
  ),
  priority: prioritySettings.prefault({}).describe('How traffic moves between groups.'),
  load_balancer: loadBalancerSettings.prefault({}).describe('How an account is chosen.'),
  affinity: affinitySetting,
  breaker: breakerSettings.prefault({}).describe('When a failing account is taken out, and for how long.'),
  health: healthSettings.prefault({}).describe('Checks of accounts.'),
  limits: limitsSettings.prefault({}).describe('Bounds of requests.'),
  trusted_proxies: trustedProxiesSetting,
  auth: authSettings.prefault({}).describe('Users, logins and their tokens.'),
  key_places: keyPlacesSettings.describe(
    'Where clients put their keys on `/{provider}/…`, by provider (`default`: any other one); absent: in the usual places.',
  ),
  cors: corsSettings.prefault({}).describe('Calls from web pages.'),
  admin: adminSettings.prefault({}).describe('Management.'),
  metrics: metricsSettings.prefault({}).describe('Numbers for Prometheus.'),
  websocket: websocketSettings.prefault({}).describe('WebSocket clients.'),
  cache: cacheSettings.prefault({}).describe('Cache of answers.'),
  redis: redisSettings.prefault({}).describe('Second level of the cache.'),
  queue: queueSettings.prefault({}).describe('Retry queue.'),
  store: storeSetting,
  notify: notifySettings.prefault({}).describe('Who is told of failovers.'),
  usage: usageSettings.prefault({}).describe('Traces of requests, and what was used.'),
  prices: pricesSettings.describe('Prices by model name (or `provider/model`), for the cost of requests.'),
  cluster: clusterSettings.prefault({}).describe('The mesh.'),
});

/** An account with its provider's own fields beside those of every account, checked by the provider's schema. */
export type ConfiguredAccount = AccountSettings & Readonly<Record<string, unknown>>;

/** All settings of a node. Durations are milliseconds, sizes bytes, secrets `Secret`, paths absolute. */
export type Settings = z.infer<typeof settingsSchema> & {
  data_dir: string;
  /** The home folder of whoever runs the node: tokens that other tools read lie below it. */
  home: string;
  accounts: ConfiguredAccount[];
};
