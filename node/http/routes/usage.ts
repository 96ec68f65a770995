import { z } from 'zod';
import type { UsageGrouping, UsageQuery, UsageRow } from '../../store/contract.ts';
import { costOf, costText } from '../cost.ts';
import { csvOf } from '../csv.ts';
import type { ManagementDependencies } from '../dependencies.ts';
import { defineRoute, type Route } from '../define-route.ts';
import { momentParameter } from '../moment.ts';
import { idText, plainText } from '../plain-text.ts';
import { Reply } from '../reply.ts';
import { defaultSpanMs, timeSpanOf } from '../time-span.ts';

const tag = 'usage';
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A longer time has more hours than anybody reads at once: a quarter of a year by the hour is 2,232 rows a currency. */
const hourlySpanMsMax = 93 * dayMs;
const spanMsMax = 3_660 * dayMs;

const groupings = ['hour', 'day', 'key', 'user', 'account', 'model'] as const satisfies readonly UsageGrouping[];

const count = z.number().int();
const rowSchema = z.strictObject({
  group: z.string().describe('id of the key, user or account, name of the model, or ISO 8601 of the hour or day (UTC)'),
  requests: count,
  errors: count.describe('of the requests'),
  prompt_tokens: count.describe('from no cache and into none; the four kinds never overlap'),
  completion_tokens: count,
  cache_creation_tokens: count,
  cache_read_tokens: count,
  estimated_requests: count.describe('of the requests: those with estimated tokens'),
  cost: z.number().nullable().describe('in units of the currency; null where no price is known'),
  currency: z.string().nullable(),
});

const columns = Object.keys(rowSchema.shape);

const query = z.strictObject({
  group_by: z.enum(groupings).default('day'),
  from: momentParameter.optional().describe('default: 30 days before `to`; widened to a whole hour'),
  to: momentParameter.optional().describe('default: now; what begins then is not in it; widened to a whole hour'),
  key: idText.optional().describe('id'),
  user: idText.optional().describe('id'),
  account: idText.optional().describe('id'),
  model: plainText(256).optional().describe('name, exactly'),
  format: z.enum(['json', 'csv']).default('json'),
});

type UsageDependencies = Pick<ManagementDependencies, 'usage' | 'node'>;

/** What was used, added up over the whole cluster. */
export function usageRoutes({ usage, node }: UsageDependencies): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/usage',
      permission: 'stats:read',
      tag,
      summary: 'Requests, tokens and cost of the whole cluster by time, key, user, account or model',
      query,
      response: z.strictObject({
        group_by: z.enum(groupings),
        from: z.string().describe('ISO 8601; what the rows begin with'),
        to: z.string().describe('ISO 8601; what they end before'),
        rows: z.array(rowSchema),
        missing_nodes: z.array(z.string()).describe('members that did not answer; what they have is not in it'),
      }),
      otherMediaType: 'text/csv',
      async handler({ query }) {
        const asked = usageQueryOf(query, node.clock.nowMs());
        const { rows, missing } = await usage.usage(asked);
        if (query.format === 'csv') return csvReply(rows, missing);
        return {
          group_by: asked.groupBy,
          from: new Date(asked.fromMs).toISOString(),
          to: new Date(asked.toMs).toISOString(),
          rows: rows.map(viewOf),
          missing_nodes: [...missing],
        };
      },
    }),
  ];
}

function usageQueryOf(given: z.infer<typeof query>, nowMs: number): UsageQuery {
  const { group_by: groupBy, key, user, account, model } = given;
  const spanMax = groupBy === 'hour' ? hourlySpanMsMax : spanMsMax;
  const { fromMs, toMs } = timeSpanOf(given, { nowMs, spanMs: defaultSpanMs, spanMsMax: spanMax });
  return {
    groupBy,
    fromMs: Math.floor(fromMs / hourMs) * hourMs,
    toMs: Math.ceil(toMs / hourMs) * hourMs,
    key,
    user,
    account,
    model,
  };
}

function viewOf(row: UsageRow): z.infer<typeof rowSchema> {
  const hasPrice = row.currency !== '';
  return {
    group: row.group,
    requests: row.requests,
    errors: row.errors,
    prompt_tokens: row.promptTokens,
    completion_tokens: row.completionTokens,
    cache_creation_tokens: row.cacheCreationTokens,
    cache_read_tokens: row.cacheReadTokens,
    estimated_requests: row.estimated,
    cost: hasPrice ? costOf(row.costNano) : null,
    currency: hasPrice ? row.currency : null,
  };
}

/** Members that did not answer stand in a header: a line of the table would be added up with the others. */
function csvReply(rows: readonly UsageRow[], missing: readonly string[]): Reply {
  const lines = rows.map((row) => {
    const { cost, ...view } = viewOf(row);
    const cells = { ...view, cost: cost === null ? null : costText(row.costNano) };
    return columns.map((column) => cells[column as keyof typeof cells]);
  });
  return Reply.text('text/csv; charset=utf-8', csvOf(columns, lines), {
    'cache-control': 'no-store',
    'content-disposition': 'attachment; filename="usage.csv"',
    ...(missing.length === 0 ? {} : { 'x-aiproxy-missing-nodes': missing.map(encodeURIComponent).join(', ') }),
  });
}
