import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FaultSpec } from '../../kit/fault.ts';

export interface FaultTable {
  /** Folder of the table's room, e.g. `node/auth`. */
  room: string;
  /** Name of the export, e.g. `authFaultSpecs`. */
  name: string;
  specs: Readonly<Record<string, FaultSpec>>;
}

/** Every table of fault codes in the product: the exports `…FaultSpecs` of every file called faults.ts. */
export async function faultTables(root: string): Promise<FaultTable[]> {
  const files = globSync('{kit,cluster,node,cli}/**/faults.ts', { cwd: root }).sort();
  const tables = await Promise.all(files.map((file) => tablesIn(root, file)));
  return tables.flat();
}

async function tablesIn(root: string, file: string): Promise<FaultTable[]> {
  const module = (await import(pathToFileURL(join(root, file)).href)) as Record<string, FaultTable['specs']>;
  return Object.entries(module)
    .filter(([name]) => name.endsWith('FaultSpecs'))
    .map(([name, specs]) => ({ room: dirname(file).replaceAll('\\', '/'), name, specs }));
}
