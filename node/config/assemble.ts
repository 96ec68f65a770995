import type { ProviderId } from '../providers/contract.ts';
import type { CredentialField, GivenFlags } from './given-flags.ts';
import type { Assignment, Source } from './origin.ts';
import { SourceTree } from './source-tree.ts';

/**
 * Lays the sources one over the other, flags over environment over file, and joins their accounts. Accounts do not
 * override each other: each source adds its own, and the same id twice is an error later.
 */
export function assemble(file: Source, environment: GivenFlags, flags: GivenFlags): SourceTree {
  const tree = new SourceTree();
  for (const source of [file, environment, flags]) {
    for (const assignment of source.assignments) tree.assign(assignment);
  }
  const accounts = [...file.accounts, ...environment.accounts];
  for (const account of accounts) appendAccount(tree, account ?? []);
  for (const account of credentialAccounts(tree, environment, flags)) appendAccount(tree, account);
  return tree;
}

function appendAccount(tree: SourceTree, account: readonly Assignment[]): void {
  const index = accountCount(tree);
  if (account.length === 0) tree.root['accounts'] = [...accountList(tree), undefined];
  for (const { path, value, origin } of account) tree.assign({ path: ['accounts', index, ...path], value, origin });
}

export function accountList(tree: SourceTree): readonly unknown[] {
  const list = tree.root['accounts'];
  return Array.isArray(list) ? list : [];
}

function accountCount(tree: SourceTree): number {
  return accountList(tree).length;
}

/**
 * Accounts that flags such as `--kiro-oauth-creds-file` (or their variables) describe, one a provider, with the
 * provider's name as id. With `model_providers` given, only the providers in it.
 */
function credentialAccounts(tree: SourceTree, environment: GivenFlags, flags: GivenFlags): Assignment[][] {
  const wanted = wantedProviders(tree);
  const providers = new Set<ProviderId>([...environment.credentials.keys(), ...flags.credentials.keys()]);
  return [...providers]
    .filter((provider) => wanted === undefined || wanted.has(provider))
    .map((provider) => {
      const fields = new Map<string, CredentialField>();
      for (const source of [environment, flags]) {
        for (const field of source.credentials.get(provider) ?? []) fields.set(field.field, field);
      }
      return credentialAccount(provider, [...fields.values()]);
    });
}

function credentialAccount(provider: ProviderId, fields: readonly CredentialField[]): Assignment[] {
  const origin = fields[0]?.origin ?? { kind: 'default', name: '', folder: '' };
  return [
    { path: ['id'], value: provider, origin },
    { path: ['provider'], value: provider, origin },
    ...fields.map(({ field, value, origin: own }) => ({ path: [field], value, origin: own })),
  ];
}

/** Names in `model_providers`, unread; undefined when the key is not given. */
export function wantedProviders(tree: SourceTree): ReadonlySet<string> | undefined {
  const given = tree.root['model_providers'];
  if (Array.isArray(given)) return given.length === 0 ? undefined : new Set(given.map(String));
  return typeof given === 'string' ? new Set(given.split(',').map((name) => name.trim())) : undefined;
}
