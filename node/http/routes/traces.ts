import { z } from 'zod';
import type { Trace, TraceQuery } from '../../store/contract.ts';
import { cursorLengthMax, decodeCursor, encodeCursor } from '../cursor.ts';
import type { ManagementDependencies } from '../dependencies.ts';
import { defineRoute, type Route } from '../define-route.ts';
import { httpFaults } from '../faults.ts';
import { momentParameter } from '../moment.ts';
import { nextCursor } from '../paging.ts';
import { idText, plainText } from '../plain-text.ts';
import { defaultSpanMs, timeSpanOf } from '../time-span.ts';
import { traceSchema, traceView } from './trace-shapes.ts';

const tag = 'usage';
const dayMs = 86_400_000;
/** Largest page; a trace is about 700 bytes of JSON. */
const pageSizeMax = 1000;
const pageSize = 100;
/** The clocks of members may be so far ahead of this node's, and their latest traces are wanted too. */
const clockSkewMs = 60_000;

const query = z.strictObject({
  key: idText.optional().describe('id'),
  user: idText.optional().describe('id'),
  account: idText.optional().describe('id'),
  model: plainText(256).optional().describe('name, exactly'),
  status: z
    .string()
    .regex(/^[1-5](?:\d\d|xx)$/, 'must be a status such as 429, or a class of them such as 4xx')
    .optional(),
  from: momentParameter.optional().describe('default: 30 days before `to`'),
  to: momentParameter.optional().describe('default: now'),
  limit: z.coerce.number().int().min(1).max(pageSizeMax).default(pageSize).describe('traces of a page'),
  cursor: z.string().max(cursorLengthMax).optional().describe('`next_cursor` of the page before'),
});

const placeSchema = z.tuple([z.number().int().min(0), z.string().min(1).max(256)]);

type TraceDependencies = Pick<ManagementDependencies, 'usage' | 'node'>;

/** Single requests of the whole cluster. */
export function traceRoutes(dependencies: TraceDependencies): Route[] {
  return [list(dependencies), show(dependencies)];
}

function list({ usage, node }: TraceDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/traces',
    permission: 'traces:read',
    tag,
    summary: 'Requests that the cluster answered, the latest first',
    query,
    response: z.strictObject({
      traces: z.array(traceSchema),
      next_cursor: nextCursor,
      missing_nodes: z.array(z.string()).describe('members that did not answer; their requests are not in it'),
    }),
    async handler({ query }) {
      const { traces, missing } = await usage.traces(traceQueryOf(query, node.clock.nowMs()));
      return {
        traces: traces.map(traceView),
        next_cursor: traces.length < query.limit ? null : cursorAt(traces.at(-1)),
        missing_nodes: [...missing],
      };
    },
  });
}

function show({ usage }: TraceDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/traces/{request_id}',
    permission: 'traces:read',
    tag,
    summary: 'One request, with its prompt and answer where its key asks for them to be kept',
    params: z.strictObject({ request_id: plainText(128).describe('`x-request-id` of the answer') }),
    response: traceSchema.extend({ prompt: z.string().nullable(), answer: z.string().nullable() }),
    async handler({ params }) {
      const id = params.request_id;
      const [trace, kept] = await Promise.all([usage.trace(id), usage.prompt(id)]);
      if (trace === undefined) throw httpFaults.trace_not_found(`there is no trace of ${JSON.stringify(id)}`);
      return { ...traceView(trace), prompt: kept?.prompt ?? null, answer: kept?.answer ?? null };
    },
  });
}

function traceQueryOf(given: z.infer<typeof query>, nowMs: number): TraceQuery {
  const { key, user, account, model, status, limit, cursor } = given;
  const place = cursor === undefined ? undefined : decodeCursor('traces', cursor, placeSchema);
  return {
    key,
    user,
    account,
    model,
    status: status === undefined ? undefined : Number(status.replace('xx', '')),
    ...timeSpanOf(given, { nowMs: nowMs + clockSkewMs, spanMs: defaultSpanMs, spanMsMax: 3_660 * dayMs }),
    limit,
    after: place === undefined ? undefined : { startedAtMs: place[0], requestId: place[1] },
  };
}

function cursorAt(trace: Trace | undefined): string | null {
  return trace === undefined ? null : encodeCursor('traces', [trace.startedAtMs, trace.requestId]);
}
