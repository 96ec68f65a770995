import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { showAsJson, showAsYaml } from '../../../node/config/show.ts';
import { Folder } from './folder.ts';

let folder: Folder;

beforeEach(async () => {
  folder = await Folder.create();
});

afterEach(() => folder.remove());

const file = `port: 3001
api_key: hunter2
notify: {webhook: "https://hooks.example/hunter2"}
store: "postgres://u:hunter2@db/x"
trusted_proxies: [10.0.0.0/8]
models: {fast: slow}
accounts:
  - {id: a, provider: qwen-api, api_key: hunter2, base_url: "http://127.0.0.1:1"}
  - {id: b, provider: openai-custom, base_url: "http://127.0.0.1:2/v1", headers: {x-api-key: hunter2, x-team: blue}}
`;

describe('config show', () => {
  it('prints every setting, and no secret', async () => {
    const { settings, origins } = await folder.fileSettings(file);
    for (const text of [
      showAsYaml(settings, undefined),
      showAsYaml(settings, origins),
      showAsJson(settings, origins),
    ]) {
      expect(text).not.toContain('hunter2');
      expect(text).toContain('https://hooks.example/[redacted]');
      expect(text).toContain('blue');
    }
    expect(showAsYaml(settings, undefined)).toContain('request_timeout: 1m\n');
    expect(JSON.parse(showAsJson(settings, undefined))).toMatchObject({ port: 3_001, limits: { body_limit: '32MB' } });
  });

  it('says after each value where it came from', async () => {
    await folder.write('c.yaml', file);
    const { settings, origins } = await folder.settings(['--config', 'c.yaml', '--log-level', 'warn'], {
      REDIS_DB: '4',
    });
    const text = showAsYaml(settings, origins);
    for (const line of [
      'port: 3001 # c.yaml:1',
      'host: 127.0.0.1 # default',
      'log_level: warn # flag --log-level',
      '  db: 4 # environment REDIS_DB',
      'trusted_proxies: [10.0.0.0/8] # c.yaml:5',
      '  fast: slow # c.yaml:6',
      '  - id: a # c.yaml:8',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    const json = JSON.parse(showAsJson(settings, origins)) as { origins: Record<string, string> };
    expect(json.origins).toMatchObject({
      port: 'c.yaml:1',
      'accounts[0].id': 'c.yaml:8',
      'redis.db': 'environment REDIS_DB',
    });
  });

  it('gives a file that loads to the same settings', async () => {
    await fc.assert(
      fc.asyncProperty(anySettings, fc.boolean(), async (given, isWithOrigins) => {
        const first = await folder.fileSettings(JSON.stringify(given));
        const shown = showAsYaml(first.settings, isWithOrigins ? first.origins : undefined);
        const second = await folder.fileSettings(shown);
        expect(plain(second.settings)).toEqual(plain(first.settings));
      }),
      { numRuns: 25 },
    );
  });
});

/** Settings without their secrets, which are redacted on the way. */
function plain(settings: unknown): unknown {
  return JSON.parse(JSON.stringify(settings));
}

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,20}$/).filter((text) => text !== '__proto__');
const port = fc.integer({ min: 1, max: 65_535 });

const anySettings = fc.record(
  {
    port: fc.integer({ min: 1, max: 9_000 }),
    admin: fc.record({ port: fc.integer({ min: 9_001, max: 65_535 }) }),
    log_level: fc.constantFrom('debug', 'info', 'warn', 'error', 'silent'),
    breaker: fc.record(
      {
        enabled: fc.boolean(),
        failure_rate: fc.double({ min: 0.01, max: 1, noNaN: true }).map((rate) => Number(rate.toFixed(6))),
        recovery_timeout: fc.integer({ min: 1_000, max: 86_400_000 }).map((ms) => `${ms}ms`),
      },
      { requiredKeys: [] },
    ),
    limits: fc.record(
      {
        queue_size: fc.nat({ max: 1_000_000 }),
        request_timeout: fc.integer({ min: 1, max: 3_600 }),
        body_limit: fc.integer({ min: 1_000, max: 1_000_000_000 }),
        default_max_tokens: fc.integer({ min: 1, max: 100_000 }),
      },
      { requiredKeys: [] },
    ),
    models: fc.dictionary(
      name,
      name.map((text) => `to:${text}`),
    ),
    groups: fc.dictionary(name, fc.record({ priority: fc.constantFrom('primary', 'secondary', 'fallback') })),
    cluster: fc.record({
      node_id: fc.stringMatching(/^[a-z0-9]{1,10}$/),
      seed_nodes: fc.array(port.map((each) => `h:${each}`)),
    }),
    accounts: fc.uniqueArray(
      fc.record({
        id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
        provider: fc.constant('qwen-api'),
        api_key: fc.stringMatching(/^[a-z]{1,9}$/),
        weight: fc.nat({ max: 1_000 }),
        models: fc.array(name),
      }),
      { selector: ({ id }) => id, maxLength: 5 },
    ),
  },
  { requiredKeys: [] },
);
