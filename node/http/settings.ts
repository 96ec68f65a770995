import { z } from 'zod';
import {
  booleanSetting,
  formSetting,
  integerSetting,
  listSetting,
  headerSecretSetting,
  setting,
  textSetting,
} from '../../kit/setting.ts';
import { isNetwork } from './network-text.ts';

const portSetting = (min: number) => integerSetting({ min, max: 65_535 });

/** An address, or a network as `10.0.0.0/8`. */
const networkSetting = () =>
  setting({ kind: 'text', allowed: 'an IP address or a network such as 10.0.0.0/8' }, (raw) =>
    typeof raw === 'string' && isNetwork(raw) ? raw : undefined,
  );

export const hostSetting = formSetting(/^[A-Za-z0-9.:_-]{1,253}$/, 'an IP address or a host name')
  .default('127.0.0.1')
  .describe(
    'Address that the node listens on. The default answers this machine only; `0.0.0.0` answers every machine that can reach it.',
  );

export const portSettingOfNode = portSetting(0)
  .default(3_000)
  .describe('Port that the node listens on; 0 takes a free one.');

export const apiKeySetting = headerSecretSetting()
  .optional()
  .describe(
    'Key that clients and administrators send. Absent: made at the first start, kept in the data folder, printed once.',
  );

export const adminSettings = z.strictObject({
  port: portSetting(1)
    .optional()
    .describe(
      'Port for management alone, which `port` then no longer serves but for `/health` (9090 in two-port setups); absent: management is served on `port`.',
    ),
});

export const metricsSettings = z.strictObject({
  enabled: booleanSetting().default(true).describe('Serves `/metrics` for Prometheus.'),
  port: portSetting(1)
    .optional()
    .describe('A port of its own for `/metrics`, which is served beside the rest of management in any case.'),
  open: booleanSetting().default(false).describe('Serves `/metrics` without a key.'),
});

export const corsSettings = z.strictObject({
  enabled: booleanSetting().default(true).describe('Answers CORS preflights, so that web pages can call the node.'),
  origins: listSetting(textSetting('an origin such as https://chat.example, or *', 512), 100)
    .default(['*'])
    .describe('Origins that may call. `*` is safe with keys in headers: no cookie authorises anything here.'),
});

export const trustedProxiesSetting = listSetting(networkSetting(), 100)
  .default([])
  .describe("Proxies whose X-Forwarded-For is believed for the client's address.");

export const websocketSettings = z.strictObject({
  enabled: booleanSetting().default(false).describe('Serves `/ws`.'),
  max_connections: integerSetting({ min: 1, max: 1_000_000 })
    .default(1_000)
    .describe('WebSocket connections at once; each costs memory.'),
});

export type AdminSettings = z.infer<typeof adminSettings>;
export type MetricsSettings = z.infer<typeof metricsSettings>;
export type CorsSettings = z.infer<typeof corsSettings>;
export type WebsocketSettings = z.infer<typeof websocketSettings>;
