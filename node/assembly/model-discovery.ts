import type { Clock } from '../../kit/clock.ts';
import { isFault } from '../../kit/fault.ts';
import type { Log } from '../../kit/log.ts';
import type { Accounts } from '../accounts/directory.ts';
import type { Forward } from '../forward/forward.ts';
import type { ModelDirectory, ModelListing, ModelRefreshReport } from '../http/dependencies.ts';
import type { ListedModel, Upstream } from '../providers/contract.ts';
import type { Catalog } from '../routing/catalog.ts';

// A model list is short work for an upstream; one that needs longer does not keep the others waiting.
const listTimeoutMs = 10_000;

/** Names per account that are kept; the longest real list has under 700. */
const modelsPerAccountMax = 5000;

export interface ModelDiscoveryParts {
  accounts: Accounts;
  catalog: Catalog;
  forward: Pick<Forward, 'ask'>;
  clock: Clock;
  log: Log;
  wantsDiscovery(id: string): boolean;
  /** Told what an account's upstream lists, each time it has listed it. */
  onListed?(models: readonly ListedModel[]): void;
}

/** Asks upstreams which models they have, and merges the answers for clients. */
export class ModelDiscovery implements ModelDirectory {
  readonly #parts: ModelDiscoveryParts;

  constructor(parts: ModelDiscoveryParts) {
    this.#parts = parts;
  }

  list(): readonly ModelListing[] {
    return this.#parts.catalog.mergedModels();
  }

  async refresh(): Promise<ModelRefreshReport> {
    const asked = this.#parts.accounts.all.filter(
      ({ id, enabled, upstream }) => enabled && upstream?.models !== undefined && this.#parts.wantsDiscovery(id),
    );
    const results = await Promise.all(asked.map(async ({ id }) => ({ id, reason: await this.discover(id) })));
    return {
      refreshed: results.filter(({ reason }) => reason === undefined).map(({ id }) => id),
      failed: results.flatMap(({ id, reason }) => (reason === undefined ? [] : [{ account: id, reason }])),
    };
  }

  /** Asks one account. Answers why it failed, in words; the account then takes any name, as before. */
  async discover(id: string): Promise<string | undefined> {
    const { accounts, catalog, log } = this.#parts;
    const upstream = accounts.get(id)?.upstream;
    if (upstream === undefined || !this.#parts.wantsDiscovery(id)) return undefined;
    if (upstream.models === undefined) return undefined;
    try {
      const models = await this.#ask(upstream, upstream.models);
      // The account may have been changed or removed while its upstream was answering.
      if (accounts.get(id)?.upstream !== upstream) return undefined;
      catalog.setDiscovered(id, models);
      this.#parts.onListed?.(models);
      return undefined;
    } catch (error) {
      const reason = isFault(error) ? error.message : 'the list could not be read';
      log.info(`account ${id}: its models could not be listed: ${reason}`, { account: id });
      return reason;
    }
  }

  /** What an upstream lists now, nothing of which is kept; none where it only proves that it answers. Throws a Fault. */
  async listed(upstream: Upstream): Promise<ListedModel[]> {
    if (upstream.models !== undefined) return this.#ask(upstream, upstream.models);
    const answer = await this.#parts.forward.ask(upstream, upstream.probe(undefined), listTimeoutMs);
    if (answer.status !== 200) throw upstream.readFault(answer.status, answer.headers, answer.body);
    return [];
  }

  async #ask(upstream: Upstream, models: NonNullable<Upstream['models']>): Promise<ListedModel[]> {
    const answer = await this.#parts.forward.ask(upstream, models.request(), listTimeoutMs);
    if (answer.status !== 200) throw upstream.readFault(answer.status, answer.headers, answer.body);
    return models.parse(answer.body).slice(0, modelsPerAccountMax);
  }
}
