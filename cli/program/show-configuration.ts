import { loadConfiguration } from '../../node/config/load.ts';
import { showAsJson, showAsYaml } from '../../node/config/show.ts';
import type { CommandCall } from './command.ts';
import { exitCodes } from './exit-codes.ts';

/** `aiproxy config show [--origin] [--json]`. Warnings go to stderr, so that the output can be kept as a file. */
export async function showConfiguration({ options, nodeArgs, output, terminal }: CommandCall): Promise<number> {
  const { env, cwd, home } = terminal;
  const configuration = await loadConfiguration({ args: nodeArgs, env, cwd, home });
  if (!configuration.ok) {
    for (const line of configuration.errors) output.error(line);
    return exitCodes.usage;
  }
  const origins = options['origin'] === true ? configuration.origins : undefined;
  const show = output.isJson ? showAsJson : showAsYaml;
  for (const line of configuration.warnings) output.error(`warning: ${line}`);
  output.line(show(configuration.settings, origins).trimEnd());
  return exitCodes.ok;
}
