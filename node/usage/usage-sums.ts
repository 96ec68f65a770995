import type { Trace, UsageCell, UsageCounts } from '../store/contract.ts';
import { storableText } from '../store/trace-row.ts';
import { countOf } from './token-counts.ts';

const hourMs = 3_600_000;

/** Names of models that are told apart: more than any node serves … */
const modelsMax = 4_096;
/** … and those among them that have only failed. */
const failedModelsMax = 256;

type Sum = UsageCell & UsageCounts;

/** Adds traces up by hour, key, user, account, model and currency. */
export class UsageSums {
  readonly #sums = new Map<string, Sum>();
  readonly #models = new Set<string>();
  #failedModels = 0;

  add(trace: Trace): void {
    const sum = this.#sumOf(trace);
    sum.requests++;
    if (trace.status >= 400 || trace.errorCode !== undefined) sum.errors++;
    sum.promptTokens += countOf(trace.promptTokens) ?? 0;
    sum.completionTokens += countOf(trace.completionTokens) ?? 0;
    sum.cacheCreationTokens += countOf(trace.cacheCreationTokens) ?? 0;
    sum.cacheReadTokens += countOf(trace.cacheReadTokens) ?? 0;
    sum.costNano += countOf(trace.costNano) ?? 0;
    if (trace.usageEstimated) sum.estimated++;
  }

  take(): Sum[] {
    const sums = [...this.#sums.values()];
    this.#sums.clear();
    return sums;
  }

  #sumOf(trace: Trace): Sum {
    const { startedAtMs, key, user = '', account = '', currency = '' } = trace;
    const hour = startedAtMs - (startedAtMs % hourMs);
    const model = this.#modelOf(trace);
    const place = `${hour}\n${key}\n${user}\n${account}\n${model}\n${currency}`;
    const known = this.#sums.get(place);
    if (known !== undefined) return known;
    const sum = { ...emptyCounts(), hourMs: hour, key, user, account, model: storableText(model), currency };
    this.#sums.set(place, sum);
    return sum;
  }

  /**
   * Clients choose the names of models: one that no account was asked for is none, and no more than some that have only
   * failed are told apart, or each request for a name made up would take a row of its own for good.
   */
  #modelOf({ status, account, modelServed, modelRequested }: Trace): string {
    const model = modelServed ?? modelRequested;
    if (this.#models.has(model)) return model;
    const hasFailed = status >= 400;
    if (hasFailed && (account === undefined || this.#failedModels >= failedModelsMax)) return '';
    if (this.#models.size >= modelsMax) return hasFailed ? '' : model;
    if (hasFailed) this.#failedModels++;
    this.#models.add(model);
    return model;
  }
}

export function emptyCounts(): UsageCounts {
  return {
    requests: 0,
    errors: 0,
    promptTokens: 0,
    completionTokens: 0,
    cacheCreationTokens: 0,
    cacheReadTokens: 0,
    costNano: 0,
    estimated: 0,
  };
}
