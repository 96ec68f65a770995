import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { LaunchSite, Target } from './contract.ts';
import { fromRoot } from './programs.ts';

const key = 'sk-bench-0123456789abcdef0123456789abcdef';
/** Accounts for each protocol: enough that balancing has something to choose from. */
const accountsEach = 4;

/** The product as people run it: authorisation, balancing, breakers, metrics, usage and traces on; no answer cache. */
export const aiproxy = node('aiproxy', 'this product, all features on, one node, no answer cache', false);

/** The same with the answer cache on: every exchange of the bench after the first is a hit. */
export const aiproxyCache = node('aiproxy-cache', 'this product with its answer cache, every request a hit', true);

function node(name: string, summary: string, isCaching: boolean): Target {
  return {
    name,
    summary,
    translates: true,
    byDefault: true,
    missing: () => undefined,
    prepare: (site) => {
      const file = join(site.folder, 'aiproxy.yaml');
      writeFileSync(file, stringify(configuration(site, isCaching)));
      return {
        command: [
          process.execPath,
          ...site.nodeFlags,
          fromRoot('cli/main.ts'),
          'start',
          '--config',
          file,
          '--data-dir',
          join(site.folder, 'data'),
        ],
        env: { HOME: site.folder },
        headers: { authorization: `Bearer ${key}` },
        readyPath: '/health/live',
      };
    },
  };
}

function configuration({ port, upstreamPort }: LaunchSite, isCaching: boolean): unknown {
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  const indices = Array.from({ length: accountsEach }, (_, index) => index + 1);
  const account = (provider: string, baseUrl: string, model: string) => (index: number) => ({
    id: `${provider}-${index}`,
    provider,
    base_url: baseUrl,
    api_key: `sk-upstream-${index}`,
    weight: 10,
    models: [model],
  });
  return {
    host: '127.0.0.1',
    port,
    api_key: key,
    accounts: [
      ...indices.map(account('openai-custom', `${upstream}/v1`, 'gpt-4o-mini')),
      ...indices.map(account('claude-custom', upstream, 'claude-sonnet-4-5')),
    ],
    cache: { enabled: isCaching, max_size_mb: 64, ttl_seconds: 3600 },
    // The open loop may hold 256 requests at once; waiting for a place is not what is measured.
    limits: { global_max_concurrency: 512 },
    prices: { 'gpt-4o-mini': { prompt: 0.15, completion: 0.6, cache_read: 0.075, currency: 'USD', per: 1_000_000 } },
  };
}
