import { defineFaults } from '../../../kit/fault.ts';
import type { Trace, TraceQuery, UsageQuery, UsageRow } from '../../../node/store/contract.ts';
import type { NewPrice, Price, PriceDesk, UsageDesk } from '../../../node/usage/contract.ts';

const faults = defineFaults({
  price_not_found: { source: 'client', retry: 'never', status: 404, summary: 'Of a double.' },
});

/** Traces in memory, and usage added up from them. */
export class MemoryUsage implements UsageDesk {
  readonly all: Trace[] = [];
  readonly prompts = new Map<string, { prompt: string; answer: string }>();
  /** Members that do not answer. */
  missing: string[] = [];
  readonly asked: UsageQuery[] = [];

  async usage(query: UsageQuery) {
    this.asked.push(query);
    const rows = new Map<string, UsageRow>();
    for (const trace of this.all) {
      if (!isAsked(trace, query)) continue;
      const group = groupOf(trace, query.groupBy);
      const currency = trace.currency ?? '';
      const row = rows.get(`${group}\0${currency}`) ?? emptyRow(group, currency);
      rows.set(`${group}\0${currency}`, {
        ...row,
        requests: row.requests + 1,
        errors: row.errors + (trace.status >= 400 ? 1 : 0),
        promptTokens: row.promptTokens + (trace.promptTokens ?? 0),
        completionTokens: row.completionTokens + (trace.completionTokens ?? 0),
        cacheCreationTokens: row.cacheCreationTokens + (trace.cacheCreationTokens ?? 0),
        cacheReadTokens: row.cacheReadTokens + (trace.cacheReadTokens ?? 0),
        costNano: row.costNano + (trace.costNano ?? 0),
        estimated: row.estimated + (trace.usageEstimated ? 1 : 0),
      });
    }
    return {
      rows: [...rows.values()].toSorted((one, other) => (one.group < other.group ? -1 : 1)),
      missing: this.missing,
    };
  }

  async traces(query: TraceQuery) {
    const { after, limit, status } = query;
    const found = this.all
      .filter((trace) => isAsked(trace, query))
      .filter((trace) => status === undefined || trace.status === status || Math.floor(trace.status / 100) === status)
      .filter((trace) => after === undefined || order(after, trace) < 0)
      .toSorted(order);
    return { traces: found.slice(0, limit), missing: this.missing };
  }

  async trace(requestId: string) {
    return this.all.find((trace) => trace.requestId === requestId);
  }

  async prompt(requestId: string) {
    return this.prompts.get(requestId);
  }

  reading() {
    return {
      state: 'well' as const,
      waiting: 0,
      spilledBytes: 0,
      writtenTraces: this.all.length,
      lostTraces: 0,
      failedWrites: 0,
    };
  }
}

/** A trace with what is not given made up. */
export function traceOf(fields: Partial<Trace> & { requestId: string; startedAtMs: number }): Trace {
  return {
    clientRequestId: undefined,
    user: undefined,
    key: 'k1',
    node: 'node1',
    account: 'a1',
    provider: 'openai-custom',
    modelRequested: 'm',
    modelServed: 'm',
    protocolIn: 'openai-chat',
    protocolOut: 'openai-chat',
    status: 200,
    errorCode: undefined,
    attempts: 1,
    cache: 'miss',
    queueWaitMs: 0,
    ttftMs: 12.5,
    durationMs: 100,
    promptTokens: 10,
    completionTokens: 5,
    cacheCreationTokens: 0,
    cacheReadTokens: 0,
    usageEstimated: false,
    costNano: 1_500,
    currency: 'USD',
    ...fields,
  };
}

type Place = { startedAtMs: number; requestId: string };

/** Started later first, of equal ones the greater request id. */
function order(one: Place, other: Place): number {
  if (one.startedAtMs !== other.startedAtMs) return other.startedAtMs - one.startedAtMs;
  if (one.requestId === other.requestId) return 0;
  return one.requestId > other.requestId ? -1 : 1;
}

type Filter = Pick<TraceQuery, 'key' | 'user' | 'account' | 'model' | 'fromMs' | 'toMs'>;

function isAsked(trace: Trace, { key, user, account, model, fromMs, toMs }: Filter): boolean {
  const isEqual = (asked: string | undefined, ...values: (string | undefined)[]) =>
    asked === undefined || values.includes(asked);
  return (
    isEqual(key, trace.key) &&
    isEqual(user, trace.user) &&
    isEqual(account, trace.account) &&
    isEqual(model, trace.modelServed, trace.modelRequested) &&
    trace.startedAtMs >= fromMs &&
    trace.startedAtMs < toMs
  );
}

function groupOf(trace: Trace, groupBy: UsageQuery['groupBy']): string {
  const iso = new Date(trace.startedAtMs).toISOString();
  switch (groupBy) {
    case 'hour':
      return `${iso.slice(0, 13)}:00:00.000Z`;
    case 'day':
      return iso.slice(0, 10);
    case 'model':
      return trace.modelServed ?? trace.modelRequested;
    case 'key':
      return trace.key;
    case 'user':
    case 'account':
      return trace[groupBy] ?? '';
  }
}

function emptyRow(group: string, currency: string): UsageRow {
  const tokens = { promptTokens: 0, completionTokens: 0, cacheCreationTokens: 0, cacheReadTokens: 0 };
  return { group, currency, requests: 0, errors: 0, ...tokens, costNano: 0, estimated: 0 };
}

/** Prices in memory; every change is a version. */
export class MemoryPrices implements PriceDesk {
  readonly configured = new Map<string, Price>();
  readonly #changed = new Map<string, Price[]>();
  /** Models whose change was taken away. */
  readonly #removed = new Set<string>();

  list() {
    const models = new Set([...this.configured.keys(), ...this.#changed.keys()]);
    return [...models].toSorted().flatMap((model) => {
      const price =
        (this.#removed.has(model) ? undefined : this.#changed.get(model)?.[0]) ?? this.configured.get(model);
      return price === undefined ? [] : [price];
    });
  }

  history(model: string) {
    const versions = [...(this.#changed.get(model) ?? []), ...[this.configured.get(model) ?? []].flat()];
    if (versions.length === 0) throw faults.price_not_found(`there is no price of ${JSON.stringify(model)}`);
    return versions;
  }

  async put(model: string, fields: NewPrice, by?: string) {
    const former = this.#changed.get(model) ?? [];
    const version = (former[0]?.version ?? 0) + 1;
    const price: Price = {
      ...fields,
      model,
      version,
      origin: 'changed',
      changedAtMs: 1_700_000_000_000,
      changedBy: by,
    };
    this.#changed.set(model, [price, ...former]);
    this.#removed.delete(model);
    return price;
  }

  async remove(model: string) {
    if (!this.#changed.has(model) || this.#removed.has(model)) throw faults.price_not_found('it was not changed');
    this.#removed.add(model);
  }
}
