import { systemClock } from '../../../kit/clock.ts';
import { createLog, type Log } from '../../../kit/log.ts';
import { systemRandom } from '../../../kit/random.ts';
import { withApiKey } from '../../../node/config/api-key.ts';
import { loadConfiguration, type Configuration } from '../../../node/config/load.ts';
import { version } from '../../../node/version.ts';
import type { CommandCall } from '../command.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { withoutPlan } from '../supervise/plan.ts';
import { type SupervisedStart, superviseeOf } from '../supervise/supervised-start.ts';
import type { Terminal } from '../terminal.ts';
import { printAdmin, printBanner } from './banner.ts';
import { liveUntilSignal } from './lifetime.ts';
import { restAfterStart } from './rest-after-start.ts';
import { loadStartNode, type MadeAdmin, type RunningNode, type StartNode } from './running-node.ts';
import { startFailure } from './start-failure.ts';

/** Runs a node in the foreground until a signal ends it. `loadNode` is replaced by tests. */
export async function runStart(call: CommandCall, loadNode: () => Promise<StartNode> = loadStartNode): Promise<number> {
  const supervised = superviseeOf(call.terminal);
  try {
    return await runNode({ ...call, terminal: supervised?.terminal ?? call.terminal }, supervised, loadNode);
  } finally {
    supervised?.release();
  }
}

async function runNode(
  call: CommandCall,
  supervised: SupervisedStart | undefined,
  loadNode: () => Promise<StartNode>,
): Promise<number> {
  const { output, terminal } = call;
  const configuration = await readConfiguration(call);
  if (!configuration.ok) return complain(configuration.errors, output);
  const { settings: shared, isGenerated } = await withApiKey(configuration.settings, systemRandom);
  const placing = supervised?.place(shared);
  if (placing?.ok === false) return complain(placing.errors, output);
  const settings = { ...shared, ...placing?.place.settings };
  const log = openLog(settings.log_level, terminal, supervised);
  for (const warning of configuration.warnings) log.warn(warning);
  const admin = Promise.withResolvers<MadeAdmin>();
  try {
    const startNode = await loadNode();
    const node = await startNode(settings, {
      log,
      ownAddress: placing?.place.ownAddress,
      configFile: configuration.file,
      onAdminMade: admin.resolve,
    });
    if (settings.accounts.length === 0)
      log.warn('no account is configured; requests are answered 503 until one is added');
    if (supervised === undefined || placing === undefined)
      printBanner({ url: node.url, version, settings, isKeyGenerated: isGenerated }, output);
    else {
      const apiKey = isGenerated ? shared.api_key.reveal() : undefined;
      supervised.announce(node, { place: placing.place, dataDir: shared.data_dir, apiKey });
    }
    void admin.promise.then(({ username, password }) => {
      if (supervised === undefined) printAdmin(username, password.reveal(), output);
      else supervised.announceAdmin(username, password.reveal());
    });
    const rest = restAfterStart({ clock: systemClock, node });
    return await liveUntilSignal({ node, terminal, log, reload: () => reload(call, node, log) }).finally(() =>
      rest.cancel(),
    );
  } catch (error) {
    const advice = startFailure(error, settings, placing?.place.ownAddress?.port);
    if (advice === undefined) throw error;
    output.error(`aiproxy: ${advice}`);
    return exitCodeOf(error);
  } finally {
    log.flush();
  }
}

function complain(errors: readonly string[], output: Output): number {
  for (const line of errors) output.error(line);
  return exitCodes.usage;
}

function readConfiguration({ nodeArgs, terminal }: CommandCall): Promise<Configuration> {
  return loadConfiguration({ args: nodeArgs, env: withoutPlan(terminal.env), cwd: terminal.cwd, home: terminal.home });
}

function openLog(level: Log['level'], terminal: Terminal, supervised: SupervisedStart | undefined): Log {
  const format = supervised?.logFormat ?? (terminal.stderr.isTTY === true ? 'plain' : 'json');
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
