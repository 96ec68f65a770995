import { z } from 'zod';
import { SlotCounter } from '../../../kit/slot.ts';
import { defineFaults } from '../../../kit/fault.ts';
import type { Account, AccountDirectory, BreakerState } from '../../../node/accounts/contract.ts';
import type { AccountEditor } from '../../../node/http/contract.ts';
import type { Provider, ProviderId } from '../../../node/providers/contract.ts';

const faults = defineFaults({
  bad_account: { source: 'client', retry: 'never', status: 400, summary: 'A field of an account is wrong.' },
  account_exists: { source: 'client', retry: 'never', status: 409, summary: 'The id is taken.' },
} as const);

/** An account whose state the test sets. */
export class FakeAccount implements Account {
  readonly id: string;
  readonly provider: ProviderId;
  group = 'default';
  weight = 10;
  maxConcurrency = Infinity;
  enabled = true;
  models: ReadonlySet<string> | undefined = undefined;
  acceptsUnknownModels = false;
  upstream = undefined;
  unavailableReason = undefined;
  requestCount = 0;
  successCount = 0;
  errorCount = 0;
  lastUsedAtMs: number | undefined = undefined;
  latencyEwmaMs = 0;
  healthScore = 100;
  remote = { inFlight: 0, served: 0 };
  breaker: BreakerState = 'closed';
  restsUntil: number | undefined = undefined;
  readonly places = new SlotCounter(Infinity);

  constructor(id: string, provider: ProviderId = 'openai-custom') {
    this.id = id;
    this.provider = provider;
  }

  get inFlight(): number {
    return this.places.taken;
  }
  breakerState(): BreakerState {
    return this.breaker;
  }
  restsUntilMs(): number | undefined {
    return this.restsUntil;
  }
  canServe(): boolean {
    return this.couldServe();
  }
  couldServe(): boolean {
    return this.enabled && this.breaker !== 'open' && this.restsUntil === undefined;
  }
  begin(): undefined {
    return undefined;
  }
}

/** Accounts in memory, with what an editor does to them. */
export class FakeAccounts implements AccountDirectory, AccountEditor {
  readonly all: FakeAccount[] = [];
  version = 0;
  /** Settings as given, secrets included; `settingsOf` must not show those. */
  readonly #fields = new Map<string, Record<string, unknown>>();
  readonly refreshed: string[] = [];

  get(id: string): FakeAccount | undefined {
    return this.all.find((account) => account.id === id);
  }

  onCapacity(): void {}

  add(fields: Readonly<Record<string, unknown>>): Account {
    const { id, provider, api_key } = fields;
    if (typeof id !== 'string' || typeof provider !== 'string') throw faults.bad_account('id', { field: 'id' });
    if (typeof api_key !== 'string') throw faults.bad_account('api_key: is required', { field: 'api_key' });
    if (this.get(id) !== undefined) throw faults.account_exists(`account ${id} exists`, { field: 'id' });
    const account = new FakeAccount(id, provider as ProviderId);
    this.all.push(account);
    this.#fields.set(id, { ...fields });
    this.change(id, fields);
    return account;
  }

  change(id: string, fields: Readonly<Record<string, unknown>>): Account {
    const account = this.get(id);
    if (account === undefined) throw new Error('the route looks first');
    if (typeof fields['weight'] === 'number') account.weight = fields['weight'];
    if (typeof fields['enabled'] === 'boolean') account.enabled = fields['enabled'];
    this.#fields.set(id, { ...this.#fields.get(id), ...fields });
    return account;
  }

  remove(id: string): void {
    this.all.splice(
      this.all.findIndex((account) => account.id === id),
      1,
    );
  }

  reset(id: string): void {
    const account = this.get(id);
    if (account === undefined) throw new Error('the route looks first');
    account.breaker = 'closed';
    account.restsUntil = undefined;
  }

  tokenRefresh(id: string): (() => Promise<void>) | undefined {
    if (this.get(id)?.provider === 'openai-custom') return undefined;
    return async () => {
      this.refreshed.push(id);
    };
  }

  settingsOf(id: string): Record<string, unknown> {
    const { api_key: _, ...rest } = this.#fields.get(id) ?? {};
    return rest;
  }
}

const credential = z.strictObject({ api_key: z.string().describe('the key') });

/** Enough of two providers for schemas. */
export const fakeProviders: readonly Provider[] = (['openai-custom', 'kiro-api'] as const).map((id) => ({
  id,
  credential,
  open() {
    throw new Error('no upstream in this test');
  },
}));
