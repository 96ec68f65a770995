import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { LaunchSite } from './contract.ts';

/** What clients and the bench itself show to a node. */
export const nodeKey = 'sk-bench-0123456789abcdef0123456789abcdef';
/** Accounts for each protocol: enough that balancing has something to choose from. */
const accountsEach = 4;

export interface NodeSite {
  readonly port: number;
  readonly upstreamPort: number;
}

/** As people run it: authorisation, balancing, breakers, metrics, usage and traces on. */
export function usualSettings({ port, upstreamPort }: NodeSite, isCaching: boolean): Record<string, unknown> {
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
    api_key: nodeKey,
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

export interface NodeCommand {
  readonly command: readonly string[];
  /** A home of its own, so that nothing reaches another node but through the mesh. */
  readonly env: Readonly<Record<string, string>>;
}

/** Writes a node's configuration into its folder, which is made, and gives the command line. */
export function nodeCommand(
  folder: string,
  settings: Record<string, unknown>,
  { program, nodeFlags }: Pick<LaunchSite, 'program' | 'nodeFlags'>,
): NodeCommand {
  const file = join(folder, 'aiproxy.yaml');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, stringify(settings));
  const start = [program, 'start', '--config', file, '--data-dir', join(folder, 'data')];
  return { command: [process.execPath, ...nodeFlags, ...start], env: { HOME: folder } };
}
