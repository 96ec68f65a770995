import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { Secret } from '../../../kit/secret.ts';
import { loadConfiguration } from '../../../node/config/load.ts';
import { readBounded } from '../../../node/config/read-file.ts';
import type { Settings } from '../../../node/config/settings.ts';
import type { CommandCall } from '../command.ts';
import { AdminClient } from './admin-client.ts';
import { adminFaults } from './faults.ts';

export type FoundNode =
  { ok: true; client: AdminClient; settings: Settings } | { ok: false; errors: readonly string[] };

/**
 * The node that a start with the same flags, variables and file would be: its address and its key, which is the one
 * given or the one kept in the data folder. None is made here.
 */
export async function findNode({ options, nodeArgs, terminal }: CommandCall): Promise<FoundNode> {
  const { env, cwd, home } = terminal;
  const configuration = await loadConfiguration({ args: nodeArgs, env, cwd, home });
  if (!configuration.ok) return configuration;
  const { settings } = configuration;
  const given = options['url'];
  const url = typeof given === 'string' ? withScheme(given) : urlOf(settings);
  if (!URL.canParse(url))
    return {
      ok: false,
      errors: [`--url: ${JSON.stringify(given)} is not allowed; allowed: an address such as http://127.0.0.1:3000`],
    };
  return { ok: true, client: new AdminClient({ url, key: await keyOf(settings) }), settings };
}

async function keyOf({ api_key, data_dir }: Settings): Promise<Secret> {
  if (api_key !== undefined) return api_key;
  const path = join(data_dir, 'api-key');
  const kept = await readBounded(path);
  if ('text' in kept && kept.text.trim() !== '') return new Secret(kept.text.trim());
  throw adminFaults.no_key(
    `no key: none in ${path} (a node's first start makes it); give one with --api-key or AIPROXY_API_KEY`,
  );
}

function urlOf({ host, port, admin }: Settings): string {
  const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  const reached = everywhere[host] ?? host;
  return `http://${isIPv6(reached) ? `[${reached}]` : reached}:${admin.port ?? port}`;
}

/** `127.0.0.1:3000` is meant as an address of HTTP. */
function withScheme(url: string): string {
  return /^https?:\/\//.test(url) ? url : `http://${url}`;
}
