import { createHash } from 'node:crypto';
import { isInRanges, parseRange } from './address-range.ts';
import type { KeyFields, KeyLimits, KeyPolicy, KeyScope } from './contract.ts';

const dayMs = 86_400_000;
const nanoPerUnit = 1e9;

/** Client addresses of one key whose answer is remembered; past this many the map starts anew. */
const addressesMax = 256;

/** What a key is restricted to, made ready for the hot path; undefined for a key without any restriction. */
export function keyPolicy(id: string, fields: KeyFields): KeyPolicy | undefined {
  const { models, providers, networks, promptDays } = fields;
  const scope = scopeOf(fields);
  const limits = limitsOf(id, fields);
  const isFree = [models, networks, scope, limits, promptDays].every((part) => part === undefined);
  if (isFree) return undefined;
  return Object.freeze({
    allowsModel: modelTest(models),
    providers: setOf(providers),
    allowsAddress: addressTest(networks),
    scope,
    limits,
    promptKeepMs: promptDays === undefined ? undefined : promptDays * dayMs,
  });
}

/** Named by its content: keys with equal ones share routes, and a change of anything else leaves them as they are. */
function scopeOf({ accounts, providers, strategy }: KeyFields): KeyScope | undefined {
  if (accounts === undefined && providers === undefined && strategy === undefined) return undefined;
  const content = JSON.stringify([sorted(accounts), sorted(providers), strategy ?? null]);
  const key = createHash('sha256').update(content).digest('base64url');
  return Object.freeze({ key, accounts: setOf(accounts), providers: setOf(providers), strategy });
}

function limitsOf(id: string, fields: KeyFields): KeyLimits | undefined {
  const { requestsPerMinute, tokensPerMinute, concurrentRequests, dailyTokenBudget, monthlyTokenBudget } = fields;
  const limits = {
    requestsPerMinute,
    tokensPerMinute,
    concurrentRequests,
    dailyTokenBudget,
    monthlyTokenBudget,
    dailyCostBudget: nano(fields.dailyCostBudget),
    monthlyCostBudget: nano(fields.monthlyCostBudget),
  };
  return Object.values(limits).every((limit) => limit === undefined) ? undefined : Object.freeze({ id, ...limits });
}

function nano(units: number | undefined): number | undefined {
  return units === undefined ? undefined : Math.max(1, Math.round(units * nanoPerUnit));
}

function sorted(names: readonly string[] | undefined): readonly string[] | null {
  return names === undefined ? null : [...new Set(names)].sort();
}

function setOf(names: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return names === undefined ? undefined : new Set(names);
}

function modelTest(models: readonly string[] | undefined): (model: string) => boolean {
  if (models === undefined) return () => true;
  const names = new Set(models.filter((model) => !model.endsWith('*')));
  const beginnings = models.filter((model) => model.endsWith('*')).map((model) => model.slice(0, -1));
  return (model) => names.has(model) || beginnings.some((beginning) => model.startsWith(beginning));
}

function addressTest(networks: readonly string[] | undefined): (address: string) => boolean {
  if (networks === undefined) return () => true;
  const ranges = networks.map(parseRange).filter((range) => range !== undefined);
  const known = new Map<string, boolean>();
  return (address) => {
    const answer = known.get(address);
    if (answer !== undefined) return answer;
    const isAllowed = isInRanges(ranges, address);
    if (known.size >= addressesMax) known.clear();
    known.set(address, isAllowed);
    return isAllowed;
  };
}
