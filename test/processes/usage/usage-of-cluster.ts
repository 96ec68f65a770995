import type { NodeProcess } from '../node-process.ts';

export interface UsageRow {
  readonly group: string;
  readonly requests: number;
  readonly errors: number;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly cache_creation_tokens: number;
  readonly cache_read_tokens: number;
  readonly estimated_requests: number;
  readonly cost: number | null;
}

export interface TraceView {
  readonly request_id: string;
  readonly client_request_id: string;
  readonly node: string;
  readonly status: number;
  readonly model_requested: string;
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly usage_estimated: boolean;
}

/** Sums by model, as one node tells them for all; throws where a member did not answer. */
export async function usageByModel(node: NodeProcess): Promise<Map<string, UsageRow>> {
  const { rows, missing_nodes: missing } = await read<{ rows: UsageRow[]; missing_nodes: string[] }>(
    node,
    '/usage?group_by=model',
  );
  if (missing.length > 0) throw new Error(`${missing.join(', ')} did not answer`);
  return new Map(rows.map((row) => [row.group, row]));
}

/** Every trace of the cluster, page by page. */
export async function allTraces(node: NodeProcess): Promise<TraceView[]> {
  const traces: TraceView[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { traces: TraceView[]; next_cursor: string | null; missing_nodes: string[] } = await read(
      node,
      `/traces?limit=1000${query}`,
    );
    if (page.missing_nodes.length > 0) throw new Error(`${page.missing_nodes.join(', ')} did not answer`);
    traces.push(...page.traces);
    cursor = page.next_cursor;
  }
  return traces;
}

async function read<T>(node: NodeProcess, path: string): Promise<T> {
  const answer = await node.fetch(path);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
