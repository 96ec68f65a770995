import { join } from 'node:path';
import { z } from 'zod';
import { accountCountMax, accountSettings } from '../accounts/settings.ts';
import type { ProviderId } from '../providers/contract.ts';
import { providers } from '../providers/registry.ts';
import { accountBaseShape, accountShape } from './account-shape.ts';
import { accountList } from './assemble.ts';
import { badValue, complaintsOf, missing, unknownKey } from './complaint.ts';
import { shapeOf, type Schema } from './schema-shape.ts';
import { settingsSchema, type ConfiguredAccount, type Settings } from './settings.ts';
import { isTree, type SourceTree, type Tree } from './source-tree.ts';

export interface ParsedSettings {
  /** Undefined when there are errors. */
  settings: Settings | undefined;
  errors: string[];
}

/** Checks everything against the schemas and collects every error, so that a person mends a file in one go. */
export function parseSettings(tree: SourceTree, home: string): ParsedSettings {
  const { accounts: given, ...rest } = tree.root;
  const parsed = settingsSchema.safeParse(rest);
  const errors = parsed.success ? [] : complaintsOf(parsed.error, [], settingsSchema, tree);
  const known = Object.keys(settingsSchema.shape);
  const list = given === undefined || Array.isArray(given) ? accountList(tree) : [];
  if (given !== undefined && !Array.isArray(given)) errors.push(badValue(['accounts'], 'a list of accounts', tree));
  if (list.length > accountCountMax) errors.push(`accounts: ${list.length} of them; allowed: ${accountCountMax}`);
  const accounts = list.slice(0, accountCountMax).flatMap((_, index) => parseAccount(tree, index, errors));
  if (!parsed.success || errors.length > 0) return { settings: undefined, errors: withAccountsKnown(errors, known) };
  const data_dir = parsed.data.data_dir ?? join(home, '.aiproxy');
  return { settings: joinPort(joinHealth({ ...parsed.data, data_dir, home, accounts }, tree), tree), errors };
}

/** `load_balancer.health_check_interval` is S2's name for `health.interval`; the latter counts where both are given. */
function joinHealth(settings: Settings, tree: SourceTree): Settings {
  const interval = settings.load_balancer.health_check_interval;
  if (interval === undefined || tree.value(['health', 'interval']) !== undefined) return settings;
  return { ...settings, health: { ...settings.health, interval } };
}

/** S2's nodes are started with `--node-address` alone: its port is the node's where no other is given. */
function joinPort(settings: Settings, tree: SourceTree): Settings {
  const port = Number(/:(\d{1,5})$/.exec(settings.cluster.node_address ?? '')?.[1]);
  const isDerived = settings.cluster.enabled && tree.value(['port']) === undefined && port >= 1 && port <= 65_535;
  return isDerived ? { ...settings, port } : settings;
}

function parseAccount(tree: SourceTree, index: number, errors: string[]): ConfiguredAccount[] {
  const path = ['accounts', index];
  const raw = tree.value(path);
  if (!isTree(raw)) {
    errors.push(badValue(path, 'a section of keys: id, provider and those of the provider', tree));
    return [];
  }
  const provider = providers.get(raw['provider'] as ProviderId);
  const { base, own } = splitAccount(raw, provider?.credential);
  const parsedBase = accountSettings.safeParse(base);
  if (!parsedBase.success) errors.push(...complaintsOf(parsedBase.error, path, accountSettings, tree));
  if (provider === undefined) return [];
  const parsedOwn = z.safeParse(provider.credential, own);
  if (!parsedOwn.success) errors.push(...credentialComplaints(parsedOwn.error, path, tree, raw));
  if (!parsedBase.success || !parsedOwn.success) return [];
  return [{ ...parsedBase.data, ...parsedOwn.data }];
}

/** A provider may ask for a key that every account has (a base URL it cannot do without); it then sees it too. */
function splitAccount(raw: Tree, credential: Schema | undefined): { base: Tree; own: Tree } {
  const ownShape = (credential && shapeOf(credential)) ?? {};
  const base: Tree = Object.create(null) as Tree;
  const own: Tree = Object.create(null) as Tree;
  for (const [key, value] of Object.entries(raw)) {
    const isBase = Object.hasOwn(accountBaseShape, key);
    if (isBase) base[key] = value;
    if (!isBase || Object.hasOwn(ownShape, key)) own[key] = value;
  }
  return { base, own };
}

/** As for any schema, but a wrong key may be one that every account has. */
function credentialComplaints(error: z.ZodError, path: (string | number)[], tree: SourceTree, raw: Tree): string[] {
  const shape = accountShape(raw['provider']);
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
      return issue.keys.map((key) => unknownKey([...path, key], Object.keys(shape), tree));
    }
    const key = issue.path[0];
    const place = key === undefined ? path : [...path, String(key)];
    const schema = key === undefined ? undefined : shape[String(key)];
    return [
      tree.value(place) === undefined
        ? missing(place, issue.message, tree)
        : badValue(place, issue.message, tree, schema),
    ];
  });
}

/** `accounts` stands outside the schema of the rest, but is a key that a person may have meant. */
function withAccountsKnown(errors: string[], known: readonly string[]): string[] {
  const list = known.join(', ');
  return errors.map((line) => line.replace(`known here: ${list}`, `known here: accounts, ${list}`));
}
