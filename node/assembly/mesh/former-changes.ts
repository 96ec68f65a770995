import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { defineFaults } from '../../../kit/fault.ts';
import type { Log } from '../../../kit/log.ts';
import type { AccountChange, SharedChanges } from './shared-changes.ts';

export const keptChangesFaultSpecs = {
  kept_changes_unreadable: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'The file of changes made at run time cannot be read; mend it or move it away.',
  },
} as const;

const faults = defineFaults(keptChangesFaultSpecs);

const fieldsSchema = z.record(z.string(), z.unknown());

const changesSchema = z.strictObject({
  version: z.literal(1),
  added: z.record(z.string(), fieldsSchema),
  changed: z.record(z.string(), fieldsSchema),
  removed: z.array(z.string()),
  algorithm: z.string().optional(),
});

/**
 * Takes over `changes.json`, in which version 0.1 kept what was changed through the API: its content becomes records,
 * once. Throws `kept_changes_unreadable` for a file that is there and is not ours.
 */
export async function adoptFormerChanges(dataDir: string, changes: SharedChanges, log: Log): Promise<void> {
  const path = join(dataDir, 'changes.json');
  const text = await readIfThere(path);
  if (text === undefined) return;
  const parsed = changesSchema.safeParse(parseJson(text, path));
  if (!parsed.success) throw faults.kept_changes_unreadable(`${path} is not a file of changes`);
  const { added, changed, removed, algorithm } = parsed.data;
  const kept: Promise<void>[] = [];
  const adopt = (id: string, change: AccountChange) => {
    if (changes.account(id) === undefined) kept.push(changes.keepAccount(id, change));
  };
  for (const [id, fields] of Object.entries(added)) adopt(id, { kind: 'added', fields });
  for (const [id, fields] of Object.entries(changed)) adopt(id, { kind: 'changed', fields });
  for (const id of removed) adopt(id, { kind: 'removed' });
  if (algorithm !== undefined && changes.algorithm === undefined) kept.push(changes.keepAlgorithm(algorithm));
  await Promise.all(kept);
  await renameIfThere(path, `${path}.adopted`);
  log.info('changes made at run time are kept as records from now on', { former: `${path}.adopted` });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw faults.kept_changes_unreadable(`${path} cannot be read`, { cause: error });
  }
}

/** Nodes that share the folder may adopt it at the same time: the records are the same, and one of them moves it. */
async function renameIfThere(path: string, to: string): Promise<void> {
  try {
    await rename(path, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw faults.kept_changes_unreadable(`${path} is not JSON`, { cause });
  }
}
