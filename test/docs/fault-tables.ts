import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FaultSpec } from '../../kit/fault.ts';

const declaration = /^export const \w+FaultSpecs = /m;

export interface FaultTable {
  /** Folder of the table's room, e.g. `node/auth`. */
  room: string;
  /** Name of the export, e.g. `authFaultSpecs`. */
  name: string;
  specs: Readonly<Record<string, FaultSpec>>;
}

/** Every table of fault codes in the product: the constants `…FaultSpecs`, whichever file declares them. */
export async function faultTables(root: string): Promise<FaultTable[]> {
  const files = globSync('{kit,cluster,node,cli}/**/*.ts', { cwd: root })
    .filter((file) => declaration.test(readFileSync(join(root, file), 'utf8')))
    .sort();
  const tables = await Promise.all(files.map((file) => tablesIn(root, file)));
  return tables.flat();
}

async function tablesIn(root: string, file: string): Promise<FaultTable[]> {
  const module = (await import(pathToFileURL(join(root, file)).href)) as Record<string, FaultTable['specs']>;
  return Object.entries(module)
    .filter(([name]) => name.endsWith('FaultSpecs'))
    .map(([name, specs]) => ({ room: dirname(file).replaceAll('\\', '/'), name, specs }));
}
