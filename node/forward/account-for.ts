import type { Usage } from '../conversation/contract.ts';
import type { Cost } from '../usage/contract.ts';
import type { Call } from './call.ts';
import type { ForwardDependencies } from './contract.ts';
import { traceOf } from './trace-of.ts';
import { hasCounts, usageOf } from './used-tokens.ts';

/**
 * What a call that has ended leaves behind: its key's limits hear what it really used, its trace is recorded, its prompt
 * kept where the key asks for that. Nothing at all of calls that nobody known made: anyone could fill the store.
 */
export function accountFor(call: Call, status: number, node: string, deps: ForwardDependencies, endedMs: number): void {
  const { caller } = call;
  if (caller === undefined) return;
  const usage = usageOf(call);
  const cost = costOf(call, usage, deps);
  if (call.permit !== undefined) settlePermit(call, usage, cost);
  const endedAtMs = deps.clock.nowMs();
  deps.usage.record(traceOf(call, { caller, status, usage, cost, node, endedMs, endedAtMs }));
  const keepMs = caller.policy?.promptKeepMs;
  if (call.promptCopy !== undefined && keepMs !== undefined) {
    deps.usage.keepPrompt(call.promptCopy.record(call.id, caller.key ?? '', keepMs));
  }
}

function costOf({ modelServed, requestedModel, account }: Call, usage: Usage, { prices }: ForwardDependencies) {
  if (!hasCounts(usage)) return undefined;
  return prices.costOf(modelServed || requestedModel, requestedModel, usage, account?.provider);
}

/** Where an answer's tokens could not be read the estimate stands; what asked no upstream used none. */
function settlePermit({ permit, endpoint, attempts, status }: Call, usage: Usage, cost: Cost | undefined): void {
  if (hasCounts(usage)) permit?.settle((usage.inputTotal ?? 0) + (usage.outputTotal ?? 0), cost?.nano);
  else if (endpoint.kind === 'transparent' && attempts > 0 && status < 400) permit?.settle(undefined, undefined);
  else permit?.settle(0, 0);
}
