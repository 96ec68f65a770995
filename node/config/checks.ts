import type { ProviderId } from '../providers/contract.ts';
import { providers } from '../providers/registry.ts';
import { nearest } from './complaint.ts';
import { meshPortDistance, meshPortOf, portMax } from './mesh-port.ts';
import { describeOrigin, pathText } from './origin.ts';
import type { Settings } from './settings.ts';
import type { SourceTree } from './source-tree.ts';

/** What no single value shows to be wrong. */
export function checkTogether(settings: Settings, tree: SourceTree): string[] {
  return [
    ...sameIds(settings, tree),
    ...aliasCycles(settings, tree),
    ...samePorts(settings, tree),
    ...noMeshPort(settings, tree),
  ];
}

function sameIds(settings: Settings, tree: SourceTree): string[] {
  const seen = new Map<string, number>();
  return settings.accounts.flatMap(({ id }, index) => {
    const first = seen.get(id);
    if (first === undefined) seen.set(id, index);
    if (first === undefined) return [];
    const [here, there] = [index, first].map((each) => describeOrigin(tree.origin(['accounts', each, 'id'])));
    return [`accounts[${index}].id: "${id}" is given twice; allowed: one account of a name (${here} and ${there})`];
  });
}

/** Follows each alias; a walk that comes back to its beginning is a cycle, told once, at its first name. */
function aliasCycles(settings: Settings, tree: SourceTree): string[] {
  const aliases = new Map(Object.entries(settings.models));
  const told = new Set<string>();
  return [...aliases.keys()].flatMap((name) => {
    const walk = [name];
    for (let next = aliases.get(name); next !== undefined && !walk.includes(next); next = aliases.get(next))
      walk.push(next);
    const isCycle = aliases.get(walk.at(-1) ?? '') === name && !(walk.length === 1 && aliases.get(name) !== name);
    if (!isCycle || walk.some((each) => told.has(each))) return [];
    for (const each of walk) told.add(each);
    // `grok-4 = grok-4` says that the model is called so; it is no alias.
    if (walk.length === 1) return [];
    const path = ['models', name];
    const circle = [...walk, name].join(' to ');
    return [
      `${pathText(path)}: leads back to itself (${circle}); allowed: a name that ends (${describeOrigin(tree.origin(path))})`,
    ];
  });
}

function samePorts(settings: Settings, tree: SourceTree): string[] {
  const { port, admin } = settings;
  if (admin.port === undefined || admin.port !== port) return [];
  const where = describeOrigin(tree.origin(['admin', 'port']));
  return [`admin.port: ${port} is the port of the proxy itself; allowed: another port, or none (${where})`];
}

function noMeshPort(settings: Settings, tree: SourceTree): string[] {
  const meshPort = meshPortOf(settings);
  if (!settings.cluster.enabled || meshPort <= portMax) return [];
  const where = describeOrigin(tree.origin(['port']));
  return [
    `cluster.port: missing; needed: the port of the mesh (--cluster-port), since port + ${meshPortDistance} is ${meshPort} and ports end at ${portMax} (${where})`,
  ];
}

/** Things that are allowed and most likely not meant. */
export function doubts(settings: Settings, tree: SourceTree): string[] {
  return [
    ...strangeGroups(settings, tree),
    ...emptyGroups(settings, tree),
    ...idleProviders(settings),
    ...opened(settings),
  ];
}

function strangeGroups(settings: Settings, tree: SourceTree): string[] {
  const names = Object.keys(settings.groups);
  if (names.length === 0) return [];
  return settings.accounts.flatMap(({ group }, index) => {
    if (group === 'default' || Object.hasOwn(settings.groups, group)) return [];
    const guess = nearest(group, names);
    const hint = guess === undefined ? '' : `; did you mean ${guess}?`;
    const where = describeOrigin(tree.origin(['accounts', index, 'group']));
    return [`accounts[${index}].group: "${group}" is not in groups and counts as primary${hint} (${where})`];
  });
}

function emptyGroups(settings: Settings, tree: SourceTree): string[] {
  const used = new Set(settings.accounts.map(({ group }) => group));
  return Object.keys(settings.groups)
    .filter((name) => !used.has(name))
    .map((name) => `groups.${name}: no account is in it (${describeOrigin(tree.origin(['groups', name]))})`);
}

function idleProviders(settings: Settings): string[] {
  const used = new Set<ProviderId>(settings.accounts.map(({ provider }) => provider));
  return settings.model_providers
    .filter((provider) => providers.has(provider) && !used.has(provider))
    .map(
      (provider) =>
        `model_providers: no account of ${provider} is configured, nor its credentials by flag or environment`,
    );
}

function opened(settings: Settings): string[] {
  if (!settings.metrics.open || settings.host === '127.0.0.1' || settings.host === 'localhost') return [];
  return ['metrics.open: /metrics is served without a key to every machine that reaches the node'];
}
