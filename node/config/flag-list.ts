import type { ProviderId } from '../providers/contract.ts';
import type { Path } from './origin.ts';

/** What a flag does: sets a setting, gives a field of a provider's account, or steers the reading itself. */
export type FlagTarget =
  { path: Path } | { provider: ProviderId; field: string } | { control: 'config' | 'multi-account' };

export interface Flag {
  readonly name: string;
  readonly target: FlagTarget;
  /** Stands alone for true; `--x=false`, `--x false` and `--no-x` are false. */
  readonly isSwitch?: boolean;
  readonly isRepeatable?: boolean;
  readonly description: string;
}

const value = (name: string, path: Path, description: string): Flag => ({ name, target: { path }, description });
const toggle = (name: string, path: Path, description: string): Flag => ({
  name,
  target: { path },
  isSwitch: true,
  description,
});
const credential = (name: string, provider: ProviderId, field: string, description: string): Flag => ({
  name,
  target: { provider, field },
  description,
});

/** Every flag of a node. Each is also read from `AIPROXY_<FLAG>`; all but the switches need a value. */
export const flags: readonly Flag[] = [
  {
    name: 'config',
    target: { control: 'config' },
    description: 'Configuration file, YAML or INI (told apart by content)',
  },
  value('host', ['host'], 'Address to listen on'),
  value('port', ['port'], 'Port to listen on'),
  value(
    'api-key',
    ['api_key'],
    'Key that clients send; visible to other users of the machine, prefer the file or AIPROXY_API_KEY',
  ),
  value('data-dir', ['data_dir'], 'Folder for keys, tokens and the store'),
  value('log-level', ['log_level'], 'debug, info, warn, error or silent'),
  {
    name: 'model-provider',
    target: { path: ['model_providers'] },
    isRepeatable: true,
    description: 'Provider whose credentials the flags below give; may be repeated',
  },
  credential('openai-api-key', 'openai-custom', 'api_key', 'Key for openai-custom'),
  credential('openai-base-url', 'openai-custom', 'base_url', 'Address for openai-custom'),
  credential('claude-api-key', 'claude-custom', 'api_key', 'Key for claude-custom'),
  credential('claude-base-url', 'claude-custom', 'base_url', 'Address for claude-custom'),
  credential('gemini-oauth-creds-file', 'gemini-cli', 'creds_file', 'OAuth file for gemini-cli'),
  credential('project-id', 'gemini-cli', 'project', 'Google Cloud project for gemini-cli'),
  credential('kiro-oauth-creds-file', 'kiro-api', 'creds_file', 'OAuth file for kiro-api'),
  credential('qwen-oauth-creds-file', 'qwen-api', 'creds_file', 'OAuth file for qwen-api'),
  {
    name: 'multi-account',
    target: { control: 'multi-account' },
    isSwitch: true,
    description: 'The INI file has [ACCOUNT_n] sections; without --config it is multi_config.conf',
  },
  toggle('load-balancer-enabled', ['load_balancer', 'enabled'], 'Choose among the accounts'),
  value('load-balancer-algorithm', ['load_balancer', 'algorithm'], 'How an account is chosen'),
  value('body-limit', ['limits', 'body_limit'], 'Largest request body'),
  value('drain-delay', ['limits', 'drain_delay'], 'How long a stopping node still takes connections'),
  value('drain-timeout', ['limits', 'drain_timeout'], 'How long streams may finish when the node stops'),
  value('admin-port', ['admin', 'port'], 'Port for management alone'),
  toggle('metrics-enabled', ['metrics', 'enabled'], 'Serve /metrics'),
  value('metrics-port', ['metrics', 'port'], 'A port of its own for /metrics'),
  toggle('metrics-open', ['metrics', 'open'], 'Serve /metrics without a key'),
  toggle('cache-enabled', ['cache', 'enabled'], 'Cache answers'),
  value('cache-max-size', ['cache', 'max_size_mb'], 'Memory of the cache, MB'),
  value('cache-ttl', ['cache', 'ttl_seconds'], 'Age at which an answer is dropped, seconds'),
  value('redis-addr', ['redis', 'addr'], 'Redis, HOST:PORT'),
  value('redis-password', ['redis', 'password'], 'Password of Redis'),
  value('redis-db', ['redis', 'db'], 'Database of Redis'),
  toggle('queue-enabled', ['queue', 'enabled'], 'Keep and retry requests that no account could serve'),
  value('store', ['store'], 'sqlite or postgres://…'),
  toggle('cluster-enabled', ['cluster', 'enabled'], 'Join the mesh'),
  value('node-id', ['cluster', 'node_id'], 'Name of the node'),
  value('node-address', ['cluster', 'node_address'], 'HOST:PORT at which members reach the node'),
  value('seed-nodes', ['cluster', 'seed_nodes'], 'Members that are asked first, with commas between'),
  value('cluster-port', ['cluster', 'port'], 'Port of the mesh'),
  value('cluster-secret-file', ['cluster', 'secret_file'], "File with the cluster's secret"),
];

export const flagsByName: ReadonlyMap<string, Flag> = new Map(flags.map((flag) => [flag.name, flag]));

/** `cache-ttl` is `AIPROXY_CACHE_TTL`. */
export function variableOf(flag: Flag): string {
  return `AIPROXY_${flag.name.toUpperCase().replaceAll('-', '_')}`;
}
