import type { Clock } from '../../kit/clock.ts';
import { type Fault, isFault } from '../../kit/fault.ts';
import { inTime } from '../../kit/in-time.ts';
import type { Log } from '../../kit/log.ts';
import type { Accounts } from '../accounts/directory.ts';
import type { UpstreamAnswer } from '../forward/ask-upstream.ts';
import type { Forward } from '../forward/forward.ts';
import { isTokenRefused } from '../forward/token-renewals.ts';
import { protocolFaults } from '../protocols/faults.ts';
import type { ModelDirectory, ModelListing, ModelRefreshReport } from '../http/dependencies.ts';
import type { ListedModel, ModelListingCall, Upstream, UpstreamRequest } from '../providers/contract.ts';
import type { Catalog } from '../routing/catalog.ts';

// A model list is short work for an upstream; one that needs longer does not keep the others waiting.
const listTimeoutMs = 10_000;

/** A list of more pages than this has no end. */
const pagesMax = 50;

/** Nobody waits longer for all pages of a list together. */
const allPagesMs = 60_000;

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
  /** Accounts that could not be asked for want of a token. */
  readonly #waiting = new Set<string>();

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

  /** The account has a token that it can be asked with. */
  tokenCame(id: string): void {
    if (this.#waiting.delete(id)) void this.discover(id);
  }

  /** Asks one account. Answers why it failed, in words; the account then takes any name, as before. */
  async discover(id: string): Promise<string | undefined> {
    const { accounts, catalog, log } = this.#parts;
    const upstream = accounts.get(id)?.upstream;
    if (upstream === undefined) return undefined;
    if (!this.#parts.wantsDiscovery(id)) {
      // It was listed before a person switched that off.
      if (catalog.knows(id)) catalog.setDiscovered(id, undefined);
      return undefined;
    }
    if (upstream.models === undefined || !catalog.knows(id)) this.#takeKnown(id, upstream);
    if (upstream.models === undefined) return undefined;
    if (upstream.token?.isUsable === false) {
      this.#waiting.add(id);
      return 'its token is not there yet';
    }
    try {
      const models = await this.#ask(upstream, upstream.models);
      // The account may have been changed or removed while its upstream was answering.
      if (accounts.get(id)?.upstream !== upstream) return undefined;
      catalog.setDiscovered(id, models);
      this.#parts.onListed?.(models);
      return undefined;
    } catch (error) {
      if (!isFault(error)) {
        log.error(`account ${id}: internal error while its models were listed`, { account: id, error });
        return 'the list could not be read';
      }
      log.info(`account ${id}: its models could not be listed: ${error.message}`, { account: id });
      return error.message;
    }
  }

  /** Also in the place of what another upstream of the account had listed. */
  #takeKnown(id: string, { knownModels }: Upstream): void {
    const { catalog } = this.#parts;
    if (knownModels !== undefined || catalog.knows(id)) catalog.setDiscovered(id, knownModels);
  }

  /** What an upstream lists now, nothing of which is kept; none where it only proves that it answers. Throws a Fault. */
  async listed(upstream: Upstream): Promise<ListedModel[]> {
    if (upstream.models !== undefined) return this.#ask(upstream, upstream.models);
    await this.#page(upstream, upstream.probe(undefined));
    return [];
  }

  async #ask(upstream: Upstream, listing: ModelListingCall): Promise<ListedModel[]> {
    // A list that changes between two pages may name a model twice.
    const models = new Map<string, ListedModel>();
    const asked = new Set<string | undefined>();
    const { clock } = this.#parts;
    const untilMs = clock.monotonicMs() + allPagesMs;
    let page: string | undefined;
    do {
      if (clock.monotonicMs() >= untilMs) throw protocolFaults.upstream_bad_answer('its list takes more than a minute');
      asked.add(page);
      const { body, headers } = await this.#page(upstream, listing.request(page));
      for (const model of listing.parse(body)) if (models.size < modelsPerAccountMax) models.set(model.id, model);
      page = listing.nextPage?.(body, headers);
      // The same token twice is a circle.
    } while (page !== undefined && !asked.has(page) && asked.size < pagesMax && models.size < modelsPerAccountMax);
    return [...models.values()];
  }

  /** A way that takes too long to find is as good as none. */
  #revised(upstream: Upstream, request: UpstreamRequest, fault: Fault): ReturnType<NonNullable<Upstream['revise']>> {
    const found = upstream.revise?.(request, fault);
    return found instanceof Promise ? inTime(found, listTimeoutMs, this.#parts.clock) : found;
  }

  async #page(upstream: Upstream, request: UpstreamRequest): Promise<UpstreamAnswer> {
    const { forward } = this.#parts;
    const token = upstream.token?.current();
    const first = await forward.ask(upstream, request, listTimeoutMs);
    if (first.status === 200) return first;
    const fault = upstream.readFault(first.status, first.headers, first.body, token);
    const other = isTokenRefused(fault)
      ? (await upstream.token?.refused(token ?? '')) === true && request
      : await this.#revised(upstream, request, fault);
    if (!other) throw fault;
    const second = await forward.ask(upstream, other, listTimeoutMs);
    if (second.status === 200) return second;
    throw upstream.readFault(second.status, second.headers, second.body);
  }
}
