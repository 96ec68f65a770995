import { dirname } from 'node:path';
import { assemble } from './assemble.ts';
import { checkTogether, doubts } from './checks.ts';
import { withDotenv } from './dotenv.ts';
import { readEnvironment, strangeVariables } from './environment.ts';
import { readFlags } from './flags.ts';
import type { GivenFlags } from './given-flags.ts';
import { looksLikeIni } from './ini.ts';
import { readIni } from './ini-settings.ts';
import { emptySource, type Environment, type Origin, type Path, type Source } from './origin.ts';
import { parseSettings } from './parse-settings.ts';
import { absolutePath, prepare } from './prepare.ts';
import { readBounded } from './read-file.ts';
import type { Settings } from './settings.ts';
import { unbuiltWarnings } from './unbuilt.ts';
import { readYaml } from './yaml.ts';

export interface ConfigurationRequest {
  /** Flags, without the verb. */
  args: readonly string[];
  env: Environment;
  /** Working folder: `.env` is there, and relative paths of flags and variables count from it. */
  cwd: string;
  home: string;
}

/** Tells where a setting's value came from. */
export interface Origins {
  of(path: Path): Origin;
}

export type Configuration =
  | { ok: true; settings: Settings; origins: Origins; warnings: string[]; file: string | undefined }
  /** One line each: the key, the value (not of secrets), what is allowed, and where it stands. */
  | { ok: false; errors: string[] };

/**
 * Reads flags, environment, `.env` and file, in this order of strength, and checks them. Changes nothing and may be
 * called again (SIGHUP). Every error is found in one run.
 */
export async function loadConfiguration(request: ConfigurationRequest): Promise<Configuration> {
  const { environment: env, errors } = await withDotenv(request.env, request.cwd);
  const flags = readFlags(request.args, request.cwd);
  const environment = readEnvironment(env, request.cwd);
  const file = await readConfigurationFile(request, env, environment, flags);
  const sources = [flags, environment, file.source];
  errors.push(...sources.flatMap((source) => source.errors));
  if (file.isUnreadable) return { ok: false, errors };
  const tree = assemble(file.source, environment, flags);
  errors.push(...(await prepare(tree, request.home)));
  const parsed = parseSettings(tree, request.home);
  errors.push(...parsed.errors);
  const { settings } = parsed;
  if (settings !== undefined) errors.push(...checkTogether(settings, tree));
  if (settings === undefined || errors.length > 0) return { ok: false, errors: [...new Set(errors)] };
  const warnings = [
    ...sources.flatMap((source) => source.warnings),
    ...strangeVariables(env, file.names),
    ...doubts(settings, tree),
    ...unbuiltWarnings(settings),
  ];
  const origins: Origins = { of: (path) => tree.givenBy(path) ?? defaultOrigin };
  return { ok: true, settings, origins, warnings, file: file.path };
}

const defaultOrigin: Origin = { kind: 'default', name: 'default', folder: '' };

interface ReadConfigurationFile {
  source: Source;
  /** Variables that the file refers to. */
  names: ReadonlySet<string>;
  /** Absolute path of the file that was read. */
  path: string | undefined;
  isUnreadable: boolean;
}

async function readConfigurationFile(
  request: ConfigurationRequest,
  env: Environment,
  environment: GivenFlags,
  flags: GivenFlags,
): Promise<ReadConfigurationFile> {
  const { name, isChosen } = chooseFile(flags, environment);
  const path = absolutePath(name, request.cwd, request.home);
  const none = { source: emptySource(), names: new Set<string>(), path: undefined, isUnreadable: false };
  const file = await readBounded(path);
  if ('reason' in file) {
    if (file.isAbsent && !isChosen) return none;
    none.source.errors.push(`config: ${JSON.stringify(name)}: ${file.reason}; needed: a readable YAML or INI file`);
    return { ...none, isUnreadable: true };
  }
  const text = { name, folder: dirname(path), text: file.text };
  const source = looksLikeIni(file.text) ? readIni(text) : readYaml(text, env);
  const names = new Set('names' in source ? (source.names as string[]) : []);
  return {
    source,
    names,
    path,
    isUnreadable: source.errors.length > 0 && source.assignments.length === 0 && source.accounts.length === 0,
  };
}

/** `--config`, else S4's `multi_config.conf` where `-multi-account` asks for it, else the file of the data folder. */
function chooseFile(flags: GivenFlags, environment: GivenFlags): { name: string; isChosen: boolean } {
  const config = flags.config ?? environment.config;
  if (config !== undefined) return { name: config.value, isChosen: true };
  const multi = flags.multiAccount ?? environment.multiAccount;
  if (multi !== undefined && multi.value !== 'false') return { name: 'multi_config.conf', isChosen: true };
  const folder = [...environment.assignments, ...flags.assignments].findLast(({ path }) => path[0] === 'data_dir');
  return { name: `${typeof folder?.value === 'string' ? folder.value : '~/.aiproxy'}/config.yaml`, isChosen: false };
}
