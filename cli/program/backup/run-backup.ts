import { existsSync } from 'node:fs';
import { copyFile, chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { isFault } from '../../../kit/fault.ts';
import { nodeIdOf } from '../../../node/assembly/mesh/node-identity.ts';
import { loadConfiguration } from '../../../node/config/load.ts';
import type { Settings } from '../../../node/config/settings.ts';
import { checkBackup } from '../../../node/store/check-backup.ts';
import { storeFaults } from '../../../node/store/faults.ts';
import { findNode } from '../admin/find-node.ts';
import { visibleText } from '../admin/visible-text.ts';
import type { CommandCall } from '../command.ts';
import { splitWords } from '../console/on-node.ts';
import { printTable } from '../console/print-table.ts';
import { exitCodes } from '../exit-codes.ts';
import { type BackupSource, fileOf, runningNode, stoppedNode } from './backup-source.ts';

/** What is written, relative to the folder. */
interface Kept {
  readonly file: string;
  readonly bytes: number;
}

/** What opens what is sealed, and lets callers and members in: small files beside the databases. */
const keyFiles = {
  shared: ['api-key', 'cluster-secret'],
  own: ['seal-key', 'node-key.pem'],
};

/**
 * `aiproxy backup FOLDER`: asks the node that runs, and where none does, copies from its folder. The new folder has the
 * form of a data folder and appears once it is whole.
 */
export async function runBackup(call: CommandCall): Promise<number> {
  const { words, nodeArgs } = splitWords(call.nodeArgs, ['FOLDER']);
  const { env, cwd, home } = call.terminal;
  const configuration = await loadConfiguration({ args: nodeArgs, env, cwd, home });
  if (!configuration.ok) {
    for (const line of configuration.errors) call.output.error(line);
    return exitCodes.usage;
  }
  const folder = resolve(cwd, words[0] ?? '');
  await refuseTaken(folder);
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  const partial = await mkdtemp(`${folder}.partial-`);
  try {
    const made = await fill(partial, { ...call, nodeArgs }, configuration.settings);
    await rename(partial, folder);
    print(call, folder, made);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return exitCodes.ok;
}

async function refuseTaken(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const isFolder = (await stat(folder)).isDirectory();
  if (isFolder && (await readdir(folder)).length === 0) return;
  throw storeFaults.backup_exists(`${folder} ${isFolder ? 'is not empty' : 'is a file'}; name a new folder`);
}

interface Made {
  readonly source: string;
  readonly node: string;
  readonly files: readonly Kept[];
  readonly hasUsage: boolean;
  readonly hasKeys: boolean;
}

async function fill(folder: string, call: CommandCall, settings: Settings): Promise<Made> {
  const { source, node } = await recordsOf(folder, call, settings);
  const usageOf = await source.copy('usage', folder);
  const databases = [fileOf(folder, node, 'records.sqlite')];
  if (usageOf !== undefined) databases.push(fileOf(folder, usageOf, 'usage.sqlite'));
  databases.forEach(checkBackup);
  const keys = await copyKeys(folder, node, settings);
  const files = await Promise.all([...databases, ...keys].map(async (path) => keptOf(folder, path)));
  return { source: source.name, node, files, hasUsage: usageOf !== undefined, hasKeys: keys.length > 0 };
}

/** From the node that answers; from the folder where none does and none was named. */
async function recordsOf(
  folder: string,
  call: CommandCall,
  settings: Settings,
): Promise<{ source: BackupSource; node: string }> {
  try {
    const found = await findNode(call);
    if (!found.ok) throw new Error(found.errors.join('; '));
    const source = runningNode(found.client);
    return { source, node: (await source.copy('records', folder)) ?? '' };
  } catch (error) {
    const isAway = isFault(error) && (error.code === 'node_unreachable' || error.code === 'no_key');
    if (!isAway || call.options['url'] !== undefined) throw error;
    const node = nodeIdOf(settings);
    const source = stoppedNode(settings, node);
    await source.copy('records', folder);
    return { source, node };
  }
}

/** Never over the network: they are taken where the node's folder is on this machine. */
async function copyKeys(folder: string, node: string, { data_dir }: Settings): Promise<string[]> {
  if (!existsSync(fileOf(data_dir, node, 'records.sqlite'))) return [];
  const names = [...keyFiles.shared, ...keyFiles.own.map((name) => join('nodes', node, name))];
  const there = names.filter((name) => existsSync(join(data_dir, name)));
  return Promise.all(
    there.map(async (name) => {
      const copy = join(folder, name);
      await copyFile(join(data_dir, name), copy);
      await chmod(copy, 0o600);
      return copy;
    }),
  );
}

async function keptOf(folder: string, path: string): Promise<Kept> {
  return { file: relative(folder, path), bytes: (await stat(path)).size };
}

function print({ output }: CommandCall, folder: string, { source, node, files, hasUsage, hasKeys }: Made): void {
  if (output.isJson) {
    output.json({ folder, node, source, files, has_usage: hasUsage, has_keys: hasKeys });
    return;
  }
  output.line(output.strong(`${visibleText(node)}, from ${source}, into ${folder}`));
  printTable(
    output,
    ['FILE', 'BYTES'],
    files.map(({ file, bytes }) => [file, String(bytes)]),
    '',
  );
  if (!hasUsage)
    output.error('without traces and usage: PostgreSQL has them (pg_dump copies it), or there are none yet');
  if (!hasKeys) {
    output.error(
      `without the keys of ${visibleText(node)}, which never leave its machine: copy them there, or run this there`,
    );
  }
}
