import { defineFaults, type Fault } from '../../../kit/fault.ts';
import type { KeyLimits, KeyPolicy, Permission, Principal } from '../../../node/auth/contract.ts';
import type { Usage } from '../../../node/conversation/contract.ts';
import type { LimitGate, LimitReadings, Permit } from '../../../node/limits/contract.ts';
import type { Trace } from '../../../node/store/contract.ts';
import type { Cost, PriceBook, PromptRecord, UsageRecorder } from '../../../node/usage/contract.ts';

const refusal = { source: 'client', retry: 'after', status: 429, summary: 'As the gate says it.' } as const;

/** What a gate may say. */
export const limitFaults = defineFaults({ rate_limited: refusal, too_many_concurrent: refusal, budget_spent: refusal });

/** Somebody knocked at the gate. */
export interface Knock {
  readonly limits: KeyLimits;
  readonly tokensEstimated: number;
  /** What it was settled with; empty until then. */
  readonly settled: { tokens: number | undefined; costNano: number | undefined }[];
  isTakenBack: boolean;
  /** Lets it in, or not. For gates that do not decide at once. */
  decide(fault?: Fault): void;
}

/** A gate whose answers a test gives. */
export class HandGate implements LimitGate {
  readonly knocks: Knock[] = [];
  /** Undefined: everybody is let in. */
  refusal: Fault | undefined;
  decidesLater = false;
  shown: LimitReadings = { requests: undefined, tokens: undefined };

  enter(limits: KeyLimits, tokensEstimated: number, decided: (outcome: Permit | Fault) => void) {
    const settled: { tokens: number | undefined; costNano: number | undefined }[] = [];
    const permit: Permit = {
      readings: () => this.shown,
      settle: (tokens, costNano) => void (settled.length === 0 && settled.push({ tokens, costNano })),
    };
    const knock: Knock = {
      limits,
      tokensEstimated,
      settled,
      isTakenBack: false,
      decide: (fault) => decided(fault ?? permit),
    };
    this.knocks.push(knock);
    if (this.decidesLater) return () => void (knock.isTakenBack = true);
    decided(this.refusal ?? permit);
    return undefined;
  }

  readings(): LimitReadings {
    return this.shown;
  }
}

/** Keeps in memory what it is told. */
export class HandRecorder implements UsageRecorder {
  readonly traces: Trace[] = [];
  readonly prompts: PromptRecord[] = [];

  record(trace: Trace): void {
    this.traces.push(trace);
  }

  keepPrompt(record: PromptRecord): void {
    this.prompts.push(record);
  }
}

/** 1 nano-unit a token of the prompt, 10 one of the answer. `own` has a price at `openai-custom` alone. */
export const handPrices: PriceBook = {
  costOf(modelServed: string, _modelRequested: string, usage: Usage, provider?: string): Cost | undefined {
    if (modelServed.startsWith('free')) return undefined;
    if (modelServed === 'own' && provider !== 'openai-custom') return undefined;
    return { nano: (usage.inputTotal ?? 0) + 10 * (usage.outputTotal ?? 0), currency: 'USD' };
  },
};

export const noLimits: KeyLimits = {
  id: 'k1',
  requestsPerMinute: undefined,
  tokensPerMinute: undefined,
  concurrentRequests: undefined,
  dailyTokenBudget: undefined,
  monthlyTokenBudget: undefined,
  dailyCostBudget: undefined,
  monthlyCostBudget: undefined,
};

/** A policy that restricts nothing but what is given. */
export function handPolicy(own: Partial<KeyPolicy> = {}): KeyPolicy {
  return {
    allowsModel: () => true,
    providers: undefined,
    allowsAddress: () => true,
    scope: undefined,
    limits: undefined,
    promptKeepMs: undefined,
    ...own,
  };
}

/** The holder of a key `k1` of the user `u1`. */
export function keyHolder(
  policy: KeyPolicy | undefined,
  permissions: readonly Permission[] = ['proxy:use'],
): Principal {
  const granted = new Set(permissions);
  return {
    id: 'k1',
    key: 'k1',
    user: 'u1',
    tenant: 'u1',
    permissions: granted,
    canSeeAccounts: granted.has('accounts:read'),
    policy,
  };
}

/** Names that may be used, some ending in `*`. */
export function namesAllowed(...names: string[]): (model: string) => boolean {
  return (model) => names.some((name) => (name.endsWith('*') ? model.startsWith(name.slice(0, -1)) : model === name));
}
