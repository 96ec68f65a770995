import { parseJsonObject } from '../../kit/json.ts';
import type { KeyPolicy } from '../auth/contract.ts';
import { protocolFaults } from '../protocols/faults.ts';
import { modelNotAllowed } from './allowed-models.ts';

/** `Model`, `models` and the like as names of members, escaped or not; not `model` itself. */
const otherName =
  /"(?!model")(?:[mM]|\\u00[46][dD])(?:[oO]|\\u00[46][fF])(?:[dD]|\\u00[46]4)(?:[eE]|\\u00[46]5)(?:[lL]|\\u00[46][cC])(?:[sS]|\\u00[57]3)?"\s*:/;

/**
 * The body goes on as it came, so a key that is limited to models, or pays by them, may name no other one beside the one
 * that was looked at: upstreams written in Go read `Model` as `model`, and OpenRouter serves any of `models`. `body` is
 * known to be JSON. Throws `model_not_allowed`, or `invalid_request` naming the member.
 */
export function requireNoOtherModel(policy: KeyPolicy, body: Buffer): void {
  if (!isModelOfWeight(policy) || !otherName.test(body.toString('latin1'))) return;
  for (const [name, value] of Object.entries(parseJsonObject(body.toString()) ?? {})) {
    const folded = name.toLowerCase();
    if (folded === 'model' && name !== 'model')
      throw protocolFaults.invalid_request(`${name}: is not known; it is written model`, { field: name });
    if (folded === 'models') requireList(policy, name, value);
  }
}

function isModelOfWeight({ allowsModel, limits }: KeyPolicy): boolean {
  // Only a key that is not limited allows what is no name.
  if (!allowsModel('')) return true;
  return limits?.dailyCostBudget !== undefined || limits?.monthlyCostBudget !== undefined;
}

function requireList(policy: KeyPolicy, name: string, value: unknown): void {
  const isList = Array.isArray(value) && value.every((model) => typeof model === 'string');
  if (!isList) throw protocolFaults.invalid_request(`${name}: must be a list of names of models`, { field: name });
  const other = value.find((model) => !policy.allowsModel(model));
  if (other !== undefined) throw modelNotAllowed(other, name);
}
