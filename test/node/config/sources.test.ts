import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../kit/secret.ts';
import { Folder } from './folder.ts';

let folder: Folder;

beforeEach(async () => {
  folder = await Folder.create();
});

afterEach(() => folder.remove());

const reveal = (value: unknown) => (value instanceof Secret ? value.reveal() : value);

describe('precedence', () => {
  it('is flag, then environment, then .env, then file, then default', async () => {
    await folder.write('c.yaml', 'port: 1\nhost: 10.0.0.1\nlog_level: debug\nlimits: {queue_size: 5}\n');
    await folder.write('.env', 'AIPROXY_PORT=2\nAIPROXY_HOST=10.0.0.2\nAIPROXY_LOG_LEVEL=error\n');
    const { settings, origins } = await folder.settings(['--config', 'c.yaml', '--port', '4'], {
      AIPROXY_PORT: '3',
      AIPROXY_HOST: '10.0.0.3',
    });
    expect(settings).toMatchObject({ port: 4, host: '10.0.0.3', log_level: 'error' });
    expect(settings.limits).toMatchObject({ queue_size: 5, retry_attempts: 3 });
    expect(origins.of(['port'])).toMatchObject({ kind: 'flag', name: '--port' });
    expect(origins.of(['host'])).toMatchObject({ kind: 'environment', name: 'AIPROXY_HOST' });
    expect(origins.of(['limits', 'queue_size'])).toMatchObject({ kind: 'file', name: 'c.yaml', line: 4 });
    expect(origins.of(['limits', 'retry_attempts'])).toMatchObject({ kind: 'default' });
  });

  it('lets a list of a flag replace a list of the file whole', async () => {
    await folder.write('c.yaml', 'cluster: {seed_nodes: ["a:1", "b:2", "c:3"]}\n');
    const { settings } = await folder.settings(['--config', 'c.yaml', '--seed-nodes', 'd:4']);
    expect(settings.cluster.seed_nodes).toEqual(['d:4']);
  });

  it('puts AIPROXY_<FLAG> above the names of S0 and S2', async () => {
    const { settings } = await folder.settings([], { NODE_ID: 'old', AIPROXY_NODE_ID: 'new' });
    expect(settings.cluster.node_id).toBe('new');
  });

  it('counts an empty variable and an empty text in the file as not set', async () => {
    await folder.write('c.yaml', 'redis: {addr: "localhost:6379", password: "", db: 0}\nlog_level:\n');
    const { settings } = await folder.settings(['--config', 'c.yaml'], { AIPROXY_PORT: '', REDIS_ADDR: '' });
    expect(settings.port).toBe(3_000);
    expect(settings.redis).toEqual({ addr: 'localhost:6379', db: 0 });
    expect(settings.log_level).toBe('info');
  });

  it('reads config.yaml of the data folder when no file is named', async () => {
    await folder.write('../home/.aiproxy/config.yaml', 'port: 4001\n');
    await folder.write('data/config.yaml', 'port: 4002\n');
    expect((await folder.settings()).settings.port).toBe(4_001);
    expect((await folder.settings(['--data-dir', './data'])).settings).toMatchObject({
      port: 4_002,
      data_dir: `${folder.cwd}/data`,
    });
  });
});

describe('flags', () => {
  it('are taken to the letter', async () => {
    const { settings } = await folder.settings(
      `--model-provider openai-custom --cache-enabled --cache-max-size 100 --cache-ttl 300 --redis-addr localhost:6379
       --redis-password yourpassword --redis-db 2 --metrics-enabled --metrics-port 9090 --load-balancer-enabled
       --load-balancer-algorithm least_requests --cluster-enabled --node-id node2 --node-address 192.168.1.11:3000
       --seed-nodes 192.168.1.10:3000,192.168.1.11:3000 --host 0.0.0.0 --port 3001 --admin-port 9091 --cluster-port 13001
       --api-key my-key --log-level warn`.split(/\s+/),
    );
    expect(settings).toMatchObject({
      model_providers: ['openai-custom'],
      cache: { enabled: true, max_size_mb: 100, ttl_seconds: 300 },
      redis: { addr: 'localhost:6379', db: 2 },
      metrics: { enabled: true, port: 9_090 },
      load_balancer: { enabled: true, algorithm: 'least_requests' },
      cluster: {
        enabled: true,
        node_id: 'node2',
        node_address: '192.168.1.11:3000',
        seed_nodes: ['192.168.1.10:3000', '192.168.1.11:3000'],
        port: 13_001,
      },
      host: '0.0.0.0',
      port: 3_001,
      admin: { port: 9_091 },
      log_level: 'warn',
    });
    expect([reveal(settings.redis.password), reveal(settings.api_key)]).toEqual(['yourpassword', 'my-key']);
  });

  it.each([
    [['--cache-enabled=false'], false],
    [['--no-cache-enabled'], false],
    [['--cache-enabled', 'false'], false],
    [['--cache-enabled'], true],
    [['--cache-enabled', '--port', '1'], true],
    [['-cache-enabled=true'], true],
  ])('reads the switch in %j', async (args, expected) => {
    expect((await folder.settings(args)).settings.cache.enabled).toBe(expected);
  });

  it('are told apart from words that are none', async () => {
    expect(await folder.errors(['--prot', '3000', 'stray', '--port', '--config='])).toEqual([
      '--prot: unknown flag; did you mean --port?',
      'stray: unexpected argument; settings are given as flags (--port 3000)',
      '--port: missing; needed: a value (--port VALUE)',
      '--config: missing; needed: a value (--config VALUE)',
    ]);
  });

  it('make an account of a provider from its credentials', async () => {
    const { settings, warnings } = await folder.settings(
      `--model-provider openai-custom --model-provider kiro-api --model-provider qwen-api
       --openai-api-key sk-1 --openai-base-url http://127.0.0.1:9100/v1
       --kiro-oauth-creds-file ./kiro.json --gemini-oauth-creds-file ./gemini.json`.split(/\s+/),
    );
    expect(settings.accounts).toMatchObject([
      { id: 'openai-custom', provider: 'openai-custom', base_url: 'http://127.0.0.1:9100/v1', group: 'default' },
      { id: 'kiro-api', provider: 'kiro-api', creds_file: `${folder.cwd}/kiro.json` },
    ]);
    expect(reveal(settings.accounts[0]?.['api_key'])).toBe('sk-1');
    expect(warnings).toContainEqual(expect.stringMatching(/^model_providers: no account of qwen-api/));
  });

  it('make accounts of every provider that has credentials when none is named', async () => {
    const { settings } = await folder.settings(['--kiro-oauth-creds-file', 'k.json'], {
      AIPROXY_QWEN_OAUTH_CREDS_FILE: 'q.json',
    });
    expect(settings.accounts.map(({ id }) => id)).toEqual(['qwen-api', 'kiro-api']);
  });
});

describe('environment', () => {
  it('gives the one account of S0', async () => {
    const { settings, origins } = await folder.settings([], {
      AMAZONQ_REFRESH_TOKEN: 'token',
      AMAZONQ_CLIENT_ID: 'client',
      AMAZONQ_CLIENT_SECRET: 'secret',
      AMAZONQ_PROFILE_ARN: '',
    });
    expect(settings.accounts).toMatchObject([
      { id: 'default', provider: 'amazonq', client_id: 'client', weight: 10, enabled: true },
    ]);
    expect(settings.accounts[0]).not.toHaveProperty('profile_arn');
    expect(reveal(settings.accounts[0]?.['refresh_token'])).toBe('token');
    expect(origins.of(['accounts', 0, 'client_id'])).toMatchObject({ kind: 'environment', name: 'AMAZONQ_CLIENT_ID' });
  });

  it("gives S0's counted accounts with their defaults, also from .env", async () => {
    await folder.write(
      '.env',
      `AMAZONQ_ACCOUNT_COUNT=2
# first
AMAZONQ_ACCOUNT_1_ID=primary
AMAZONQ_ACCOUNT_1_REFRESH_TOKEN=token_1
AMAZONQ_ACCOUNT_1_CLIENT_ID=client_id_1
AMAZONQ_ACCOUNT_1_CLIENT_SECRET=secret_1
AMAZONQ_ACCOUNT_1_PROFILE_ARN=arn:aws:x
AMAZONQ_ACCOUNT_1_WEIGHT=5
AMAZONQ_ACCOUNT_1_ENABLED=false
AMAZONQ_ACCOUNT_2_REFRESH_TOKEN=token_2
AMAZONQ_ACCOUNT_2_CLIENT_ID=client_id_2
AMAZONQ_ACCOUNT_2_CLIENT_SECRET=secret_2
LOAD_BALANCE_STRATEGY=weighted
CIRCUIT_BREAKER_ENABLED=true
CIRCUIT_BREAKER_ERROR_THRESHOLD=7
CIRCUIT_BREAKER_RECOVERY_TIMEOUT=120
HEALTH_CHECK_INTERVAL=300
`,
    );
    const { settings } = await folder.settings();
    expect(settings.accounts).toMatchObject([
      { id: 'primary', weight: 5, enabled: false, profile_arn: 'arn:aws:x' },
      { id: 'account_2', weight: 10, enabled: true, client_id: 'client_id_2' },
    ]);
    expect(settings.load_balancer.algorithm).toBe('weighted_round_robin');
    expect(settings.breaker).toMatchObject({ enabled: true, error_threshold: 7, recovery_timeout: 120_000 });
    expect(settings.health.interval).toBe(300_000);
  });

  it('says which variable of an account is missing, and leaves single ones alone under a count', async () => {
    expect(await folder.errors([], { AMAZONQ_CLIENT_ID: 'x' })).toEqual([
      'AMAZONQ_REFRESH_TOKEN: missing; needed because AMAZONQ_CLIENT_ID is set',
      'AMAZONQ_CLIENT_SECRET: missing; needed because AMAZONQ_CLIENT_ID is set',
    ]);
    expect(
      await folder.errors([], {
        AMAZONQ_ACCOUNT_COUNT: '1',
        AMAZONQ_ACCOUNT_1_CLIENT_ID: 'x',
        AMAZONQ_ACCOUNT_1_CLIENT_SECRET: 'y',
        AMAZONQ_REFRESH_TOKEN: 'z',
      }),
    ).toEqual(['AMAZONQ_ACCOUNT_1_REFRESH_TOKEN: missing; needed because AMAZONQ_ACCOUNT_COUNT is set']);
    expect(await folder.errors([], { AMAZONQ_ACCOUNT_COUNT: 'two' })).toEqual([
      'AMAZONQ_ACCOUNT_COUNT: "two" is not allowed; allowed: a whole number from 0 to 1000',
    ]);
  });

  it("reads S2's variables and the cluster's secret", async () => {
    const { settings } = await folder.settings([], {
      NODE_ID: 'node1',
      NODE_ADDRESS: 'aiproxy1:3000',
      SEED_NODES: 'aiproxy1:3000, aiproxy2:3000',
      REDIS_ADDR: 'redis:6379',
      REDIS_PASSWORD: 'pw',
      REDIS_DB: '3',
      AIPROXY_CLUSTER_SECRET: 's3cret',
    });
    expect(settings.cluster).toMatchObject({
      node_id: 'node1',
      node_address: 'aiproxy1:3000',
      seed_nodes: ['aiproxy1:3000', 'aiproxy2:3000'],
    });
    expect(settings.redis).toMatchObject({ addr: 'redis:6379', db: 3 });
    expect(reveal(settings.cluster.secret)).toBe('s3cret');
  });

  it('warns of a variable of ours that means nothing, but not of one that the file uses', async () => {
    await folder.write('c.yaml', 'api_key: "${AIPROXY_MY_KEY}"\n');
    const env = { AIPROXY_PROT: '1', AIPROXY_MY_KEY: 'k' };
    const { warnings } = await folder.settings(['--config', 'c.yaml'], env);
    expect(warnings).toEqual(['environment AIPROXY_PROT means nothing to aiproxy; did you mean AIPROXY_PORT?']);
  });
});
