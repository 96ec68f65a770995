import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLog } from '../../../kit/log.ts';
import { systemRandom } from '../../../kit/random.ts';
import { withApiKey } from '../../../node/config/api-key.ts';
import { loadConfiguration } from '../../../node/config/load.ts';
import { loadStartNode, type RunningNode } from '../start/running-node.ts';

export type DemoNode = RunningNode;

export interface DemoNodePlan {
  port: number;
  /** Of this node alone; holds its configuration and its data. */
  folder: string;
  accounts: readonly Record<string, unknown>[];
}

export interface StartedDemoNode {
  node: DemoNode;
  key: string;
  /** The port was taken and a free one is used. */
  isMoved: boolean;
}

/** Starts a node as `aiproxy start --config` does, at the port or, when it cannot be had, at a free one. */
export async function startDemoNode(plan: DemoNodePlan): Promise<StartedDemoNode> {
  try {
    return { ...(await startAt(plan, plan.port)), isMoved: false };
  } catch (error) {
    if (!isPortRefused(error)) throw error;
    return { ...(await startAt(plan, 0)), isMoved: true };
  }
}

async function startAt({ folder, accounts }: DemoNodePlan, port: number): Promise<{ node: DemoNode; key: string }> {
  const file = join(folder, 'aiproxy.yaml');
  const settings = { host: '127.0.0.1', port, data_dir: join(folder, 'data'), accounts };
  // JSON is YAML.
  await writeFile(file, JSON.stringify(settings, undefined, 2));
  // Nothing of the user's own environment or home takes part.
  const configuration = await loadConfiguration({ args: ['--config', file], env: {}, cwd: folder, home: folder });
  if (!configuration.ok) throw new Error(`the demo's configuration: ${configuration.errors.join('; ')}`);
  const { settings: keyed } = await withApiKey(configuration.settings, systemRandom);
  const startNode = await loadStartNode();
  const node = await startNode(keyed, { log: createLog({ level: 'error', destination: 'stderr', format: 'plain' }) });
  return { node, key: keyed.api_key.reveal() };
}

/** A chain of causes longer than this is a loop. */
const causeDepthMax = 8;

/** Taken by another program, or not open to this user (below 1024). */
function isPortRefused(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < causeDepthMax && cause instanceof Error; depth++) {
    if ('code' in cause && (cause.code === 'EADDRINUSE' || cause.code === 'EACCES')) return true;
    cause = cause.cause;
  }
  return false;
}
