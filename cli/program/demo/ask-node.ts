import { parseJson } from '../../../kit/json.ts';
import type { DemoSite } from './demo-site.ts';

export interface NodeAnswer {
  status: number;
  node: string;
  /** hit, miss, peer, bypass. */
  cache: string;
  account: string;
  attempts: number;
  /** JSON of a complete answer; undefined for a stream. */
  whole: unknown;
  /** JSON of each event; empty for a complete answer. */
  events: unknown[];
  tookMs: number;
}

export interface Question {
  path: string;
  body: unknown;
}

/** POSTs to nginx or a node, with the node's own key unless another is given, and reads all of its answer. */
export async function askNode(
  site: DemoSite,
  { path, body }: Question,
  signal: AbortSignal,
  url = site.url,
  key = site.key,
): Promise<NodeAnswer> {
  const startedMs = site.clock.monotonicMs();
  const response = await fetch(url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify(body),
    signal,
  });
  const text = await response.text();
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  return {
    status: response.status,
    node: response.headers.get('x-aiproxy-node') ?? '?',
    cache: response.headers.get('x-aiproxy-cache') ?? '?',
    account: response.headers.get('x-aiproxy-account') ?? '?',
    attempts: Number(response.headers.get('x-aiproxy-attempts') ?? 1),
    // Not JSON is what nginx itself says.
    whole: isStream ? undefined : parseJson(text),
    events: isStream ? eventsOf(text) : [],
    tookMs: site.clock.monotonicMs() - startedMs,
  };
}

function eventsOf(text: string): unknown[] {
  const data = text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice('data: '.length));
  return data.filter((line) => line !== '[DONE]').map((line) => JSON.parse(line) as unknown);
}
