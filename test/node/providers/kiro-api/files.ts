import { dirname } from 'node:path';
import type { JsonObject } from '../../../../kit/json.ts';
import type { CredentialFiles } from '../../../../node/providers/contract.ts';

/** Files and tables of the test, by path. */
export function filesOf(
  given: Readonly<Record<string, string | JsonObject | JsonObject[]>>,
): CredentialFiles & { given: typeof given } {
  const text = (path: string) => {
    const content = given[path];
    return content === undefined || typeof content === 'string' ? content : JSON.stringify(content);
  };
  return {
    given,
    home: dirname('/home/x/y'),
    read(field, path) {
      const found = text(path);
      if (found === undefined) throw new Error(`${field}: no ${path}`);
      return found;
    },
    readIfThere: (_field, path) => text(path),
    readKeyValues(_field, path, table, keys) {
      if (table !== 'auth_kv') throw new Error(`no table ${table}`);
      const rows = Object.entries(given[path] as JsonObject);
      return new Map(rows.filter(([key]) => keys.includes(key)).map(([key, value]) => [key, String(value)]));
    },
  };
}
