import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { silentLog } from '../kit/log.ts';
import { loadConfiguration } from '../node/config/load.ts';
import { type NodeEnvironment, type RunningNode, startNode } from '../node/main.ts';
import { upstreamKey, type Upstream } from './upstream/upstream.ts';

export const nodeKey = 'sk-aiproxy-test';

export interface TestNode {
  readonly url: string;
  readonly node: RunningNode;
  /** Calls the node with its key. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** POSTs JSON. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Writes the settings anew and has the node read them, as SIGHUP does. */
  reload(settings: Record<string, unknown>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a node in this process on a free port, with a data folder of its own. `settings` as in the YAML file. */
export async function runNode(
  settings: Record<string, unknown>,
  environment: Pick<NodeEnvironment, 'clock'> = {},
): Promise<TestNode> {
  const folder = await mkdtemp(join(tmpdir(), 'aiproxy-test-'));
  const file = join(folder, 'config.yaml');
  const read = async (given: Record<string, unknown>) => {
    // JSON is YAML.
    await writeFile(file, JSON.stringify({ api_key: nodeKey, port: 0, data_dir: join(folder, 'data'), ...given }));
    const configuration = await loadConfiguration({ args: ['--config', file], env: {}, cwd: folder, home: folder });
    if (!configuration.ok) throw new Error(configuration.errors.join('\n'));
    return configuration.settings;
  };
  const node = await startNode(await read(settings), { log: silentLog, ...environment });
  const connections = new Agent();
  const call = (path: string, init: RequestInit = {}) =>
    fetch(node.url + path, {
      ...init,
      headers: { authorization: `Bearer ${nodeKey}`, ...init.headers },
      ...({ dispatcher: connections } as object),
    });
  const stop = async () => {
    // A node that stops waits a second for a last request on each connection that is kept alive.
    void connections.close();
    await node.stop();
    await rm(folder, { recursive: true, force: true });
  };
  let stopping: Promise<void> | undefined;
  return {
    url: node.url,
    node,
    fetch: call,
    post: (path, body, headers = {}) =>
      call(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    reload: async (given) => node.reload(await read(given)),
    // Once, however often it is asked for: connections that are closed cannot be closed again.
    stop: () => (stopping ??= stop()),
  };
}

/** An account at the scripted upstream; `script` makes this account alone misbehave. */
export function openaiAccount(
  upstream: Upstream,
  id = 'openai',
  more: Record<string, unknown> = {},
  script = '',
): Record<string, unknown> {
  return {
    id,
    provider: 'openai-custom',
    base_url: upstream.openaiBaseUrl,
    api_key: script === '' ? upstreamKey : `sk-upstream:${script}`,
    discovery: false,
    ...more,
  };
}

export function claudeAccount(
  upstream: Upstream,
  id = 'claude',
  more: Record<string, unknown> = {},
  script = '',
): Record<string, unknown> {
  return {
    id,
    provider: 'claude-custom',
    base_url: upstream.anthropicBaseUrl,
    api_key: script === '' ? upstreamKey : `sk-upstream:${script}`,
    discovery: false,
    ...more,
  };
}
