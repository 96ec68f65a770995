import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../../kit/log.ts';
import { loadConfiguration } from '../../../node/config/load.ts';
import { type RunningNode, startNode } from '../../../node/main.ts';

/** A whole node with these accounts. */
export interface ProviderNode {
  readonly url: string;
  readonly key: string;
  /** Its log, one JSON text a line. */
  readonly lines: readonly string[];
  /** The account as its API shows it, once `isSo` holds; the node has no event to wait for from outside. */
  account(id: string, isSo?: (shown: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  post(path: string, body: object): Promise<{ status: number; headers: Headers; text: string }>;
  stop(): Promise<void>;
}

const key = 'sk-aiproxy-test';
const credential = { authorization: `Bearer ${key}` };

export async function startProviderNode(accounts: readonly object[], settings: object = {}): Promise<ProviderNode> {
  const folder = await mkdtemp(join(tmpdir(), 'aiproxy-provider-'));
  const file = join(folder, 'config.yaml');
  await writeFile(file, JSON.stringify({ api_key: key, port: 0, log_level: 'debug', accounts, ...settings }));
  const loaded = await loadConfiguration({ args: ['--config', file], env: {}, cwd: folder, home: folder });
  if (!loaded.ok) throw new Error(loaded.errors.join('\n'));
  const lines: string[] = [];
  const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
  const node: RunningNode = await startNode(loaded.settings, { log });
  return {
    url: node.url,
    key,
    lines,
    async account(id, isSo = () => true) {
      for (;;) {
        const answer = await fetch(`${node.url}/accounts/${id}`, { headers: credential });
        const shown = (await answer.json()) as Record<string, unknown>;
        if (isSo(shown)) return shown;
        await new Promise((turn) => setImmediate(turn));
      }
    },
    async post(path, body) {
      const headers = { ...credential, 'content-type': 'application/json' };
      const answer = await fetch(node.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    },
    async stop() {
      await node.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
