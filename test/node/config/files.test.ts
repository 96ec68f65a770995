import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../kit/secret.ts';
import { Folder } from './folder.ts';

let folder: Folder;

beforeEach(async () => {
  folder = await Folder.create();
});

afterEach(() => folder.remove());

const reveal = (value: unknown) => (value instanceof Secret ? value.reveal() : value);

const everyKind = `
accounts:
  - {id: work, provider: openai-custom, base_url: "http://127.0.0.1:9100/v1", api_key: "\${OPENAI_KEY}", weight: 10, max_concurrency: 50, enabled: true, group: production}
  - {id: spare, provider: claude-custom, base_url: "http://127.0.0.1:9101", api_key_file: ./spare.key, group: backup, models: [claude-sonnet-4-5]}
  - {id: q1, provider: amazonq, refresh_token: "…", client_id: "…", client_secret: "…", profile_arn: "", token_url: "http://127.0.0.1:9102/token", base_url: "http://127.0.0.1:9102"}
  - {id: k1, provider: kiro-api, creds_file: ./kiro.json, base_url: "http://127.0.0.1:9103", token_url: "http://127.0.0.1:9103/refreshToken"}
  - {id: w1, provider: qwen-api, creds_file: ./qwen.json, base_url: "http://127.0.0.1:9104/v1", token_url: "http://127.0.0.1:9104/token"}
  - {id: g1, provider: gemini-cli, creds_file: ./gemini.json, project: my-project, client_id: "…", client_secret: "…", base_url: "http://127.0.0.1:9105", token_url: "http://127.0.0.1:9105/token"}
  - {id: o1, provider: oci, user: "…", fingerprint: "…", key_file: ./1.pem, tenancy: "…", region: us-phoenix-1, base_url: "http://127.0.0.1:9106"}
groups:
  production: {priority: primary, strategy: least_requests}
  backup: {priority: secondary}
priority: {auto_failover: true, auto_recovery: true, failure_threshold: 3, cooldown: 300s}
models: {fast: gpt-4o-mini, "my-model": "oci/xai.grok-4"}
breaker: {enabled: true, error_threshold: 5, failure_rate: 0.6, min_requests: 10, recovery_timeout: 300s}
limits: {global_max_concurrency: 200, queue_size: 2000, retry_attempts: 3, request_timeout: 60s, default_max_tokens: 4000, force_non_stream: false}
health: {interval: 300s, adjust_weights: false}
queue: {enabled: false, strategy: exponential, interval: 5s}
admin: {port: 9090}
store: sqlite
trusted_proxies: [127.0.0.1]
notify: {webhook: "http://127.0.0.1:9999/hook"}
prices: {gpt-4o-mini: {prompt: 0.15, completion: 0.6, cache_read: 0.075, currency: USD, per: 1000000}}
`;

describe('a YAML file', () => {
  it('may use every key there is', async () => {
    await folder.write('spare.key', 'sk-spare\n');
    const { settings, origins, warnings } = await folder.fileSettings(everyKind, { OPENAI_KEY: 'sk-work' });
    expect(settings.accounts.map(({ id, provider, group }) => `${id} ${provider} ${group}`)).toEqual([
      'work openai-custom production',
      'spare claude-custom backup',
      'q1 amazonq default',
      'k1 kiro-api default',
      'w1 qwen-api default',
      'g1 gemini-cli default',
      'o1 oci default',
    ]);
    expect(settings.accounts.slice(0, 2).map((account) => reveal(account['api_key']))).toEqual(['sk-work', 'sk-spare']);
    expect(settings.accounts[0]).toMatchObject({
      weight: 10,
      max_concurrency: 50,
      base_url: 'http://127.0.0.1:9100/v1',
    });
    expect(settings.accounts[1]?.models).toEqual(['claude-sonnet-4-5']);
    expect(settings.accounts[3]).toMatchObject({ creds_file: `${folder.cwd}/kiro.json` });
    expect(settings.accounts[6]).toMatchObject({ key_file: `${folder.cwd}/1.pem`, region: 'us-phoenix-1' });
    expect(settings).toMatchObject({
      groups: { production: { priority: 'primary', strategy: 'least_requests' }, backup: { priority: 'secondary' } },
      priority: { auto_failover: true, cooldown: 300_000 },
      models: { fast: 'gpt-4o-mini', 'my-model': 'oci/xai.grok-4' },
      breaker: { failure_rate: 0.6, recovery_timeout: 300_000 },
      limits: { request_timeout: 60_000, default_max_tokens: 4_000 },
      queue: { enabled: false, interval: 5_000 },
      admin: { port: 9_090 },
      store: { kind: 'sqlite' },
      trusted_proxies: ['127.0.0.1'],
      prices: { 'gpt-4o-mini': { cache_read: 0.075, per: 1_000_000 } },
    });
    expect(reveal(settings.notify.webhook)).toBe('http://127.0.0.1:9999/hook');
    expect(origins.of(['accounts', 0, 'api_key'])).toMatchObject({ kind: 'file', line: 3, template: '${OPENAI_KEY}' });
    expect(warnings).toContainEqual('notify is set; this version reads it but does not act on it');
    expect(warnings.filter((line) => line.startsWith('prices'))).toEqual([]);
    expect(warnings.filter((line) => line.includes('o1'))).toEqual([]);
  });

  it("may be S2's", async () => {
    const { settings, warnings } = await folder.fileSettings(`# config.yaml
host: 0.0.0.0
port: 3000
api_key: your-secret-key

# providers
model_providers:
  - openai-custom
  - claude-custom
  - gemini-cli
  - kiro-api
  - qwen-api

cache:
  enabled: true
  max_size_mb: 100
  ttl_seconds: 300

redis:
  addr: localhost:6379
  password: ""
  db: 0

metrics:
  enabled: true
  port: 9090

websocket:
  enabled: true
  max_connections: 1000

load_balancer:
  enabled: true
  algorithm: least_requests
  health_check_interval: 30s

cluster:
  enabled: false
  node_id: node1
  node_address: 0.0.0.0:3000
  seed_nodes: []
`);
    expect(settings).toMatchObject({
      host: '0.0.0.0',
      port: 3_000,
      model_providers: ['openai-custom', 'claude-custom', 'gemini-cli', 'kiro-api', 'qwen-api'],
      cache: { enabled: true, max_size_mb: 100, ttl_seconds: 300 },
      redis: { addr: 'localhost:6379', db: 0 },
      metrics: { enabled: true, port: 9_090 },
      websocket: { enabled: true, max_connections: 1_000 },
      load_balancer: { enabled: true, algorithm: 'least_requests' },
      health: { interval: 30_000 },
      cluster: { enabled: false, node_id: 'node1', node_address: '0.0.0.0:3000', seed_nodes: [] },
    });
    expect(reveal(settings.api_key)).toBe('your-secret-key');
    expect(warnings).toContainEqual('websocket.enabled is set; this version reads it but does not act on it');
  });

  it('may be JSON, may be empty, may begin with a byte order mark', async () => {
    expect((await folder.fileSettings('{"port": 4000, "limits": {"queue_size": 1}}')).settings.port).toBe(4_000);
    expect((await folder.fileSettings('# nothing\n')).settings.port).toBe(3_000);
    expect((await folder.fileSettings('\uFEFFport: 4001\n')).settings.port).toBe(4_001);
  });

  it('may share keys by anchors', async () => {
    const { settings } = await folder.fileSettings('groups:\n  a: &g {strategy: random}\n  b: *g\n');
    expect(settings.groups).toMatchObject({ a: { strategy: 'random' }, b: { strategy: 'random' } });
  });
});

describe('an INI file', () => {
  it("may be S4's with one account", async () => {
    const { settings, warnings } = await folder.fileSettings(`[DEFAULT]
# credentials
user = ocid1.user.oc1..your_user_ocid
fingerprint = aa:bb:cc:dd:ee:ff:11:22:33:44:55:66:77:88:99:00
key_file = ./your_private_key.pem
tenancy = ocid1.tenancy.oc1..your_tenancy_ocid
region = us-phoenix-1
base_url = http://127.0.0.1:9106

api_key = auto_generated_key  # made at the first start
force_non_stream = false      # whole answers
default_max_tokens = 4000     # against truncation

[MODELS]
grok-4 = xai.grok-4
grok-3-mini = xai.grok-3-mini
# gpt-4 = xai.grok-4
`);
    expect(settings.accounts).toMatchObject([
      {
        id: 'oci',
        provider: 'oci',
        key_file: `${folder.cwd}/your_private_key.pem`,
        region: 'us-phoenix-1',
        weight: 10,
      },
    ]);
    expect(settings.limits).toMatchObject({ force_non_stream: false, default_max_tokens: 4_000 });
    expect(settings.models).toEqual({ 'grok-4': 'xai.grok-4', 'grok-3-mini': 'xai.grok-3-mini' });
    expect(reveal(settings.api_key)).toBe('auto_generated_key');
    expect(warnings).toEqual([]);
  });

  it("may be S4's with many", async () => {
    await folder.write(
      'multi_config.conf',
      `# key above the sections
api_key = multi_account_proxy_key

[GLOBAL]
global_max_concurrency = 100        # in all
queue_size = 1000
retry_attempts = 2
load_balance_strategy = least_connections  # or weighted
health_check_interval = 30s
request_timeout = 1m30s
force_non_stream = true
default_max_tokens = 4000

[MODELS]
grok-4 = xai.grok-4

[ACCOUNT_1]
id = primary_us_phoenix
user = ocid1.user.oc1..xxxxx1
fingerprint = aa:bb:cc:dd:ee:ff:11:22:33:44:55:66:77:88:99:00
key_file = ./1.pem
tenancy = ocid1.tenancy.oc1..xxxxx1
region = us-phoenix-1
weight = 3
max_concurrency = 50
enabled = true

[ACCOUNT_2]
user = ocid1.user.oc1..xxxxx2
fingerprint = bb:cc:dd:ee:ff:11:22:33:44:55:66:77:88:99:00:aa
key_file = ./2.pem
tenancy = ocid1.tenancy.oc1..xxxxx2
region = us-chicago-1
enabled = false

[CIRCUIT_BREAKER]
max_failures = 4
reset_timeout = 60s
failure_rate = 0.5
min_requests = 12
half_open_max_calls = 3
`,
    );
    const { settings, warnings, origins } = await folder.settings(['-multi-account', '-port', '8080']);
    expect(settings).toMatchObject({
      port: 8_080,
      limits: {
        global_max_concurrency: 100,
        queue_size: 1_000,
        retry_attempts: 2,
        request_timeout: 90_000,
        force_non_stream: true,
      },
      load_balancer: { algorithm: 'least_requests' },
      health: { interval: 30_000 },
      breaker: { error_threshold: 4, recovery_timeout: 60_000, failure_rate: 0.5, min_requests: 12 },
      models: { 'grok-4': 'xai.grok-4' },
    });
    expect(settings.accounts).toMatchObject([
      { id: 'primary_us_phoenix', weight: 3, max_concurrency: 50, enabled: true },
      { id: 'account_2', weight: 10, enabled: false, region: 'us-chicago-1' },
    ]);
    expect(reveal(settings.api_key)).toBe('multi_account_proxy_key');
    expect(origins.of(['accounts', 0, 'weight'])).toMatchObject({ name: 'multi_config.conf', line: 24 });
    expect(warnings).toContainEqual(expect.stringMatching(/^\[CIRCUIT_BREAKER\] half_open_max_calls has no effect/));
  });

  it("may be S4's newer template, with [PROXY] and an empty key", async () => {
    const { settings } = await folder.fileSettings(`# credentials
user        = ocid1.user.oc1..x
fingerprint = aa:bb
key_file    = ./your-key.pem
tenancy     = ocid1.tenancy.oc1..x
region      = us-phoenix-1

[PROXY]
listen_port = 8080
client_model_name = grok-4
force_non_stream = false
use_simulated_stream = false
api_key = 

[PROXY_POOL]
enabled = false
health_check_interval = 60s

[MODELS]
`);
    expect(settings.port).toBe(8_080);
    expect(settings.api_key).toBeUndefined();
    expect(settings.accounts).toHaveLength(1);
  });

  it('makes an alias of the oldest pair of keys, and takes other providers', async () => {
    const { settings } = await folder.fileSettings(
      'oci_model_id=xai.grok-4\nclient_model_name=grok-4\n[ACCOUNT_A]\nprovider=openai-custom\nbase_url="http://127.0.0.1:1/v1"\napi_key=k#1\n',
    );
    expect(settings.models).toEqual({ 'grok-4': 'xai.grok-4' });
    expect(settings.accounts).toMatchObject([{ id: 'account_a', base_url: 'http://127.0.0.1:1/v1' }]);
    expect(reveal(settings.accounts[0]?.['api_key'])).toBe('k#1');
  });
});

describe('secrets', () => {
  it('come from files beside the one that names them, from the home folder and from flags', async () => {
    await folder.write('etc/key', '  from-file\n');
    await folder.write('../home/redis', 'from-home');
    await folder.write('cluster', 'from-flag\n');
    await folder.write(
      'etc/c.yaml',
      'api_key_file: ./key\nredis: {password_file: ~/redis}\ncluster: {secret: weaker}\n',
    );
    const { settings } = await folder.settings(['--config', 'etc/c.yaml', '--cluster-secret-file', './cluster']);
    expect([settings.api_key, settings.redis.password, settings.cluster.secret].map(reveal)).toEqual([
      'from-file',
      'from-home',
      'from-flag',
    ]);
  });

  it('of a stronger source win over the file of a weaker one', async () => {
    await folder.write('key', 'from-file');
    await folder.write('c.yaml', 'api_key_file: ./key\n');
    const { settings } = await folder.settings(['--config', 'c.yaml', '--api-key', 'from-flag']);
    expect(reveal(settings.api_key)).toBe('from-flag');
  });

  it('never show in what is printed of settings', async () => {
    const { settings } = await folder.fileSettings('api_key: hunter2\nstore: "postgres://u:hunter2@db/x"\n');
    expect(JSON.stringify(settings)).not.toContain('hunter2');
  });
});
