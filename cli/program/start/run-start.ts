import { createLog, type Log } from '../../../kit/log.ts';
import { systemRandom } from '../../../kit/random.ts';
import { withApiKey } from '../../../node/config/api-key.ts';
import { loadConfiguration, type Configuration } from '../../../node/config/load.ts';
import { version } from '../../../node/version.ts';
import type { CommandCall } from '../command.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { printBanner } from './banner.ts';
import { liveUntilSignal } from './lifetime.ts';
import { loadStartNode, type RunningNode, type StartNode } from './running-node.ts';
import { startFailure } from './start-failure.ts';

/** Runs a node in the foreground until a signal ends it. `loadNode` is replaced by tests. */
export async function runStart(call: CommandCall, loadNode: () => Promise<StartNode> = loadStartNode): Promise<number> {
  const { output, terminal } = call;
  const configuration = await readConfiguration(call);
  if (!configuration.ok) {
    for (const line of configuration.errors) output.error(line);
    return exitCodes.usage;
  }
  const { settings, isGenerated } = await withApiKey(configuration.settings, systemRandom);
  const log = openLog(settings.log_level, terminal);
  for (const warning of configuration.warnings) log.warn(warning);
  try {
    const startNode = await loadNode();
    const node = await startNode(settings, { log });
    if (settings.accounts.length === 0)
      log.warn('no account is configured; requests are answered 503 until one is added');
    printBanner({ url: node.url, version, settings, isKeyGenerated: isGenerated }, output);
    return await liveUntilSignal({ node, terminal, log, reload: () => reload(call, node, log) });
  } catch (error) {
    const advice = startFailure(error, settings);
    if (advice === undefined) throw error;
    output.error(`aiproxy: ${advice}`);
    return exitCodeOf(error);
  } finally {
    log.flush();
  }
}

function readConfiguration({ nodeArgs, terminal }: CommandCall): Promise<Configuration> {
  return loadConfiguration({ args: nodeArgs, env: terminal.env, cwd: terminal.cwd, home: terminal.home });
}

function openLog(level: Log['level'], terminal: Terminal): Log {
  const format = terminal.stderr.isTTY === true ? 'plain' : 'json';
  return createLog({ level, destination: terminal.stderr === process.stderr ? 'stderr' : terminal.stderr, format });
}

/** Reads the settings again; wrong ones are logged and change nothing. */
async function reload(call: CommandCall, node: RunningNode, log: Log): Promise<void> {
  const configuration = await readConfiguration(call);
  if (!configuration.ok) {
    log.error('the settings have errors; the old ones stay', { errors: configuration.errors });
    return;
  }
  for (const warning of configuration.warnings) log.warn(warning);
  if (node.reload === undefined) {
    log.warn('settings are only read at the start by this version; restart the node to use them');
    return;
  }
  const { settings } = await withApiKey(configuration.settings, systemRandom);
  log.level = settings.log_level;
  await node.reload(settings);
  log.info('settings read again', { accounts: settings.accounts.length });
}
