import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Folder } from './folder.ts';

let folder: Folder;

beforeEach(async () => {
  folder = await Folder.create();
});

afterEach(() => folder.remove());

const account = (more: string) =>
  `accounts:\n  - {id: a, provider: openai-custom, base_url: "http://127.0.0.1/v1", api_key: k${more}}\n`;

describe('a wrong file stops the start with one line', () => {
  it.each([
    ['an unknown key', 'prot: 3000', 'prot: unknown key; did you mean port? (file:1)'],
    [
      'an unknown key below',
      'limits:\n  queue_sice: 1',
      'limits.queue_sice: unknown key; did you mean queue_size? (file:2)',
    ],
    [
      'an unknown key of a table',
      'groups: {a: {prio: primary}}',
      'groups.a.prio: unknown key; known here: priority, strategy (file:1)',
    ],
    [
      'an unknown key of an account',
      account(', wight: 3'),
      'accounts[0].wight: unknown key; did you mean weight? (file:2)',
    ],
    [
      'a word for a number',
      'port: abc',
      'port: "abc" is not allowed; allowed: a whole number from 0 to 65535 (file:1)',
    ],
    [
      'a number out of range',
      'port: 70000',
      'port: 70000 is not allowed; allowed: a whole number from 0 to 65535 (file:1)',
    ],
    [
      'a wrong switch',
      'cache: {enabled: maybe}',
      'cache.enabled: "maybe" is not allowed; allowed: true or false (file:1)',
    ],
    [
      'a wrong duration',
      'breaker:\n  recovery_timeout: soon',
      'breaker.recovery_timeout: "soon" is not allowed; allowed: a duration such as 30s, 5m or 1h30m (or plain seconds), from 1s to 24h (file:2)',
    ],
    [
      'a wrong strategy',
      'load_balancer: {algorithm: roundrobin}',
      'load_balancer.algorithm: "roundrobin" is not allowed; allowed: round_robin, weighted_round_robin, least_requests, least_used, random, ip_hash, health_best, peak_ewma, prompt_affinity, weighted, least_connections (file:1)',
    ],
    ['a section that is a value', 'limits: 5', 'limits: 5 is not allowed; allowed: a section of keys (file:1)'],
    [
      'accounts that are no list',
      'accounts: {a: 1}',
      'accounts: a section is not allowed; allowed: a list of accounts (file:1)',
    ],
    [
      'an account that is a word',
      'accounts: [a]',
      'accounts[0]: "a" is not allowed; allowed: a section of keys: id, provider and those of the provider (file:1)',
    ],
    [
      'a missing id',
      'accounts:\n  - {provider: amazonq, refresh_token: a, client_id: b, client_secret: c}',
      'accounts[0].id: missing; needed: 1 to 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit (file:2)',
    ],
    [
      'an unknown provider',
      'accounts: [{id: a, provider: openai}]',
      'accounts[0].provider: "openai" is not allowed; allowed: openai-custom, claude-custom, gemini-cli, kiro-api, qwen-api, amazonq, oci (file:1)',
    ],
    [
      'a missing credential',
      'accounts: [{id: a, provider: kiro-api}]',
      'accounts[0].creds_file: missing; needed: creds_file, refresh_token or api_key (file:1)',
    ],
    [
      'an id given twice',
      'accounts:\n  - &a {id: a, provider: qwen-api, api_key: k}\n  - {id: a, provider: kiro-api, api_key: k}',
      'accounts[1].id: "a" is given twice; allowed: one account of a name (file:3 and file:2)',
    ],
    [
      'aliases in a circle',
      'models: {a: b, b: c, c: a, d: a}',
      'models.a: leads back to itself (a to b to c to a); allowed: a name that ends (file:1)',
    ],
    [
      'one port for two',
      'port: 9090\nadmin: {port: 9090}',
      'admin.port: 9090 is the port of the proxy itself; allowed: another port, or none (file:2)',
    ],
    [
      'a port above all others for the mesh',
      'port: 60000\ncluster: {enabled: true}',
      'cluster.port: missing; needed: the port of the mesh (--cluster-port), since port + 10000 is 70000 and ports end at 65535 (file:1)',
    ],
    [
      'an address with a port that is none',
      'cluster: {node_address: "10.0.0.1:99999"}',
      'cluster.node_address: "10.0.0.1:99999" is not allowed; allowed: HOST:PORT with a port from 1 to 65535 (file:1)',
    ],
    [
      'a seed with port 0',
      'cluster: {seed_nodes: "a:0"}',
      'cluster.seed_nodes: "a:0" is not allowed; allowed: a list (or text with commas) of at most 100: HOST:PORT with a port from 1 to 65535, or a multiaddr (file:1)',
    ],
    [
      'a list with a wrong item',
      'trusted_proxies: [127.0.0.1, nginx]',
      'trusted_proxies: a list is not allowed; allowed: a list (or text with commas) of at most 100: an IP address or a network such as 10.0.0.0/8 (file:1)',
    ],
    [
      'a variable that is not set',
      'api_key: "${NO_SUCH}"',
      'api_key: environment variable NO_SUCH is not set (file:1)',
    ],
    [
      'a reference that is none',
      'api_key: "${A-B}"',
      'api_key: ${…} must hold the name of an environment variable (write $${ for a plain ${) (file:1)',
    ],
    ['a secret file that is not there', 'api_key_file: nope', 'api_key_file: "nope": there is no such file (file:1)'],
    [
      'a secret given in two ways',
      'api_key: k\napi_key_file: file',
      'api_key_file: given beside api_key; allowed: one of the two (file:2)',
    ],
    ['a key given twice', 'port: 1\nport: 2', 'file:2: Map keys must be unique'],
    ['a tag of its own', 'port: !!js/function x', 'file:1: Unresolved tag: tag:yaml.org,2002:js/function'],
    [
      'two documents',
      'port: 1\n---\nport: 2',
      'file:2: Source contains multiple documents; please use YAML.parseAllDocuments()',
    ],
    ['a list at the top', '- port', 'the file must be a section of keys (file:1)'],
    [
      'a section of INI that is unknown',
      '[ACCOUNTS]\na = 1',
      '[ACCOUNTS] a: unknown section; known: [GLOBAL], [MODELS], [ACCOUNT_n], [CIRCUIT_BREAKER], [PROXY], [DEFAULT] (file:2)',
    ],
    [
      'a key of INI that is unknown',
      '[GLOBAL]\nqueue_sice = 1',
      '[GLOBAL] queue_sice: unknown key; did you mean queue_size? (file:2)',
    ],
    [
      'a key of INI given twice',
      '[GLOBAL]\nqueue_size = 1\nqueue_size = 2',
      '[GLOBAL] queue_size: given twice (file:3)',
    ],
    ['a line of INI that is none', '[GLOBAL]\nqueue_size', 'file:2: neither [SECTION] nor key = value'],
    [
      'a proxy pool',
      '[PROXY_POOL]\nenabled = true',
      '[PROXY_POOL] enabled: outbound proxy pools are not supported; requests would leave without one (file:2)',
    ],
    [
      'a value of INI',
      '[GLOBAL]\nrequest_timeout = 60x',
      'limits.request_timeout: "60x" is not allowed; allowed: a duration such as 30s, 5m or 1h30m (or plain seconds), from 1s to 1h (file:2)',
    ],
  ])('%s', async (_, text, line) => {
    expect(await folder.fileErrors(text)).toEqual([line]);
  });

  it.each(['http://169.254.169.254/latest', 'http://[fe80::1]/', 'ftp://host/', 'http://metadata.google.internal/'])(
    'a URL that must not be dialled: %s',
    async (url) => {
      const [line] = await folder.fileErrors(
        `accounts: [{id: a, provider: amazonq, refresh_token: a, client_id: b, client_secret: c, base_url: "${url}"}]`,
      );
      expect(line).toMatch(/^accounts\[0\]\.base_url: .* allowed: an http or https URL/);
    },
  );

  it('tells every error of a file, and the flags too', async () => {
    await folder.write('c.yaml', 'port: x\nlimits: {queue_size: y}\nhosts: z\n');
    const errors = await folder.errors(['--config', 'c.yaml', '--cache-ttl', 'w', '--prot', '1']);
    expect(errors.map((line) => line.split(':')[0])).toEqual([
      '--prot',
      'port',
      'limits.queue_size',
      'cache.ttl_seconds',
      'hosts',
    ]);
  });

  it('of a file that is not there, a folder, or too large', async () => {
    expect(await folder.errors(['--config', 'nope.yaml'])).toEqual([
      'config: "nope.yaml": there is no such file; needed: a readable YAML or INI file',
    ]);
    expect(await folder.errors(['--config', '.'])).toEqual([
      'config: ".": it is a folder; needed: a readable YAML or INI file',
    ]);
    expect(await folder.fileErrors(`# ${'x'.repeat(2_000_000)}`)).toEqual([
      'config: "file": larger than 1048576 bytes; needed: a readable YAML or INI file',
    ]);
  });
});

describe('a message never holds a secret', () => {
  it.each([
    ['a secret of a wrong type', 'api_key: [hunter2]'],
    ['a password in a URL', 'accounts: [{id: a, provider: qwen-api, api_key: k, base_url: "http://u:hunter2@host/"}]'],
    [
      'a key in the query of a URL',
      'accounts: [{id: a, provider: qwen-api, api_key: k, base_url: "ftp://h/?key=hunter2"}]',
    ],
    ['a secret under an unknown key', 'api_keey: hunter2'],
    ['a store', 'store: "mysql://u:hunter2@db"'],
    ['a webhook', 'notify: {webhook: "ftp://host/hunter2"}'],
    ['a variable at a wrong key', 'port: "${SECRET}"'],
    ["a provider's key at a wrong key", 'port: sk-hunter2'],
  ])('%s', async (_, text) => {
    const errors = await folder.fileErrors(text, { SECRET: 'hunter2' });
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.join('\n')).not.toContain('hunter2');
  });
});

describe('a hostile file', () => {
  it('cannot unfold without end', async () => {
    const levels = Array.from({ length: 12 }, (_, level) => `l${level}: &l${level} [${`*l${level - 1},`.repeat(9)}]`);
    levels[0] = 'l0: &l0 [x, x, x, x, x, x, x, x, x]';
    const errors = await folder.fileErrors(levels.join('\n'));
    expect(errors.some((line) => line.includes('more than 50000 values'))).toBe(true);
  });

  it('cannot hold itself', async () => {
    expect(await folder.fileErrors('groups: &g\n  a: *g\n')).toContainEqual(
      'groups.a: an anchor that holds itself (file:2)',
    );
  });

  it('cannot nest without end', async () => {
    const errors = await folder.fileErrors(`groups: ${'{a: '.repeat(200)}1${'}'.repeat(200)}`);
    expect(errors.some((line) => line.includes('nested deeper than 16 levels'))).toBe(true);
  });

  it('cannot reach prototypes', async () => {
    for (const text of [
      '__proto__: {polluted: 1}',
      'groups: {__proto__: {priority: primary}}',
      '[MODELS]\n__proto__ = x',
    ]) {
      expect((await folder.fileErrors(text)).join()).toContain('this key is not allowed');
    }
    const { settings } = await folder.fileSettings('models: {constructor: a, toString: b, hasOwnProperty: c}');
    expect(Object.entries(settings.models)).toEqual([
      ['constructor', 'a'],
      ['toString', 'b'],
      ['hasOwnProperty', 'c'],
    ]);
    expect(await folder.fileErrors('constructor: 1')).toEqual([expect.stringMatching(/^constructor: unknown key/)]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('cannot add keys through a variable', async () => {
    const { settings } = await folder.fileSettings('models: {a: "${X}"}', { X: 'b}\nport: 1\n${Y}' });
    expect(settings.models).toEqual({ a: 'b}\nport: 1\n${Y}' });
    expect(settings.port).toBe(3_000);
  });

  it('may hold a plain ${ when it says so', async () => {
    expect((await folder.fileSettings('models: {a: "x$${Y}"}')).settings.models).toEqual({ a: 'x${Y}' });
  });
});

describe('doubts are warnings', () => {
  it.each([
    [
      'groups: {production: {}}\naccounts: [{id: a, provider: qwen-api, api_key: k, group: prodution}]',
      'accounts[0].group: "prodution" is not in groups and counts as primary; did you mean production? (file:2)',
    ],
    ['groups: {idle: {}}', 'groups.idle: no account is in it (file:1)'],
    [
      'host: 0.0.0.0\nmetrics: {open: true}',
      'metrics.open: /metrics is served without a key to every machine that reaches the node',
    ],
  ])('%j', async (text, warning) => {
    expect((await folder.fileSettings(text)).warnings).toContainEqual(warning);
  });
});
