import type { LoginOutcome } from '../../../node/providers/contract.ts';

/** An account as a login made it. */
export interface NewAccount {
  /** As `POST /accounts` takes it. */
  readonly fields: Readonly<Record<string, string | number>>;
  /** What the file holds: the credentials, or the whole account where its provider takes no file. */
  readonly file: Readonly<Record<string, string | number>>;
  /** True when the account names the file. */
  readonly namesFile: boolean;
}

/** `path` is that of the file to be written, absolute. */
export function newAccount(
  id: string,
  provider: string,
  { credentials, account = {} }: LoginOutcome,
  { path, takesFile }: { path: string; takesFile: boolean },
): NewAccount {
  if (takesFile) return { fields: { id, provider, creds_file: path, ...account }, file: credentials, namesFile: true };
  const fields = { id, provider, ...credentials, ...account };
  return { fields, file: fields, namesFile: false };
}

/** Lines for the configuration file; JSON's strings and numbers are YAML's. */
export function yamlLines(fields: NewAccount['fields']): string[] {
  return Object.entries(fields).map(
    ([name, value], index) => `${index === 0 ? '  - ' : '    '}${name}: ${plain(value)}`,
  );
}

function plain(value: string | number): string {
  return /^[a-z][a-z0-9-]*$/.test(String(value)) && !/^(?:true|false|null|yes|no|on|off|y|n)$/.test(String(value))
    ? String(value)
    : JSON.stringify(value);
}
