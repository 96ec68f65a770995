import { z } from 'zod';
import type { Clock } from '../../../kit/clock.ts';
import { defineFaults } from '../../../kit/fault.ts';
import type { PooledAccount } from '../../../node/accounts/account.ts';
import { Accounts } from '../../../node/accounts/directory.ts';
import type { AccountEditor } from '../../../node/http/dependencies.ts';
import type { Provider, ProviderId, Upstream } from '../../../node/providers/contract.ts';

const faults = defineFaults({
  bad_account: { source: 'client', retry: 'never', status: 400, summary: 'A field of an account is wrong.' },
  upstream_down: {
    source: 'upstream',
    retry: 'other-account',
    status: 502,
    penalty: 'breaker',
    summary: 'The upstream failed.',
  },
  upstream_busy: { source: 'upstream', retry: 'after', status: 429, penalty: 'rest', summary: 'The upstream is busy.' },
} as const);

function refuse(): never {
  throw new Error('no upstream in this test');
}

const upstream: Upstream = {
  origin: 'http://127.0.0.1:9',
  upstreamModel: (model) => model,
  speaks: () => false,
  passThrough: refuse,
  encode: refuse,
  decodeAnswer: refuse,
  openDecoder: refuse,
  readFault: refuse,
  transparent: refuse,
  probe: refuse,
};

/** The real directory, with an editor that keeps fields in memory. */
export class FakeAccounts extends Accounts {
  readonly #clock: Clock;
  /** Settings as given, secrets included; `settingsOf` must not show those. */
  readonly #fields = new Map<string, Record<string, unknown>>();
  readonly refreshed: string[] = [];

  constructor(clock: Clock) {
    super({ clock });
    this.#clock = clock;
  }

  /** An account as the configuration would have brought it. */
  take(id: string, provider: ProviderId = 'openai-custom', maxConcurrency?: number): PooledAccount {
    return this.add({ definition: { id, provider, maxConcurrency }, upstream });
  }

  /** An account whose breaker has opened. */
  takeBroken(id: string, provider?: ProviderId): PooledAccount {
    const account = this.take(id, provider);
    for (let failures = 0; failures < 5; failures++) {
      account.begin(this.#clock.nowMs(), 'm')?.fail(this.#clock.nowMs(), faults.upstream_down('down'));
    }
    return account;
  }

  /** An account that rests for a minute. */
  takeResting(id: string): PooledAccount {
    const account = this.take(id);
    const fault = faults.upstream_busy('busy', { retryAfterMs: 60_000 });
    account.begin(this.#clock.nowMs(), 'm')?.fail(this.#clock.nowMs(), fault);
    return account;
  }

  readonly editor: AccountEditor = {
    add: (fields) => {
      const { id, provider, api_key } = fields;
      if (typeof id !== 'string' || typeof provider !== 'string') throw faults.bad_account('id', { field: 'id' });
      if (typeof api_key !== 'string') throw faults.bad_account('api_key: is required', { field: 'api_key' });
      this.take(id, provider as ProviderId);
      return this.editor.change(id, fields);
    },
    change: (id, fields) => {
      this.#fields.set(id, { ...this.#fields.get(id), ...fields });
      return this.update(id, {
        ...(typeof fields['weight'] === 'number' ? { weight: fields['weight'] } : {}),
        ...(typeof fields['enabled'] === 'boolean' ? { enabled: fields['enabled'] } : {}),
      });
    },
    remove: (id) => this.remove(id),
    reset: (id) => this.reset(id),
    tokenRefresh: (id) => {
      if (this.get(id)?.provider === 'openai-custom') return undefined;
      return async () => {
        this.refreshed.push(id);
      };
    },
    tokenView: () => null,
    settingsOf: (id) => {
      const { api_key: _, ...rest } = this.#fields.get(id) ?? {};
      return rest;
    },
  };
}

const credential = z.strictObject({ api_key: z.string().describe('the key') });

/** Enough of two providers for schemas. */
export const fakeProviders: readonly Provider[] = (['openai-custom', 'kiro-api'] as const).map((id) => ({
  id,
  credential,
  open: refuse,
}));
