import type { JsonObject } from '../../../kit/json.ts';
import type { WireAnswer } from '../wire-event.ts';
import { ociError, ociHeaders } from './errors.ts';

/** Names that the service lists, and that can be asked. */
export const ociModels: readonly string[] = [
  'xai.grok-4',
  'xai.grok-3-mini',
  'cohere.command-a-03-2025',
  'cohere.command-a-reasoning-08-2025',
  'meta.llama-3.3-70b-instruct',
  'google.gemini-2.5-pro',
  'openai.gpt-oss-120b',
];

const item = (displayName: string, more: JsonObject = {}): JsonObject => ({
  id: `ocid1.generativeaimodel.oc1.us-chicago-1.${displayName.replaceAll('.', '')}`,
  displayName,
  vendor: displayName.split('.')[0] ?? '',
  version: '1.0',
  type: 'BASE',
  capabilities: ['CHAT'],
  lifecycleState: 'ACTIVE',
  timeCreated: '2025-07-10T00:00:00.000Z',
  compartmentId: null,
  ...more,
});

/** What must not be offered: other uses, other owners, past and future. */
const others: readonly JsonObject[] = [
  item('cohere.embed-v4', { capabilities: ['TEXT_EMBEDDINGS'] }),
  item('cohere.command-r-plus', { timeOnDemandRetired: '2025-02-01T00:00:00.000Z' }),
  item('meta.llama-2-70b-chat', { lifecycleState: 'DELETED' }),
  item('my-tuned-model', { type: 'CUSTOM', compartmentId: 'ocid1.compartment.oc1..scripted' }),
];

const parameters = new Set(['compartmentId', 'capability', 'lifecycleState', 'limit', 'page', 'sortBy', 'sortOrder']);
const states = new Set(['ACTIVE', 'CREATING', 'DELETING', 'DELETED', 'FAILED']);

/** One page; the token of the next one travels in a header, and holds what must be escaped in a URL. */
export function listModels(query: URLSearchParams, names: readonly string[]): WireAnswer {
  const complaint = queryComplaint(query);
  if (complaint !== undefined) return ociError(400, 'InvalidParameter', complaint);
  const all = [...itemsOf(names), ...others].filter((each) => isWanted(each, query));
  const size = Number(query.get('limit') ?? 100);
  const start = Number(/^at\+(\d+)==$/.exec(query.get('page') ?? 'at+0==')?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) return ociError(400, 'InvalidParameter', 'page: not a token of this service');
  const headers = ociHeaders();
  if (start + size < all.length) headers['opc-next-page'] = `at+${start + size}==`;
  return { status: 200, headers, body: JSON.stringify({ items: all.slice(start, start + size) }) };
}

/** Each name once more as a version that can only be tuned, and the first as an older version too. */
function itemsOf(names: readonly string[]): JsonObject[] {
  return names.flatMap((name, index) => [
    item(name, { timeOnDemandRetired: '2099-01-01T00:00:00.000Z' }),
    item(name, { capabilities: ['FINE_TUNE'] }),
    ...(index === 0 ? [item(name, { timeCreated: '2024-01-01T00:00:00.000Z', version: '0.9' })] : []),
  ]);
}

function queryComplaint(query: URLSearchParams): string | undefined {
  const unknown = [...query.keys()].find((name) => !parameters.has(name));
  if (unknown !== undefined) return `${unknown}: unknown parameter`;
  if (!/^ocid1\.(?:compartment|tenancy)\./.test(query.get('compartmentId') ?? '')) return 'compartmentId: missing';
  const state = query.get('lifecycleState');
  if (state !== null && !states.has(state)) return 'lifecycleState: unknown';
  const limit = Number(query.get('limit') ?? 100);
  return Number.isInteger(limit) && limit >= 1 && limit <= 1000 ? undefined : 'limit: 1 to 1000';
}

function isWanted(each: JsonObject, query: URLSearchParams): boolean {
  const capabilities = query.getAll('capability');
  const own = each['capabilities'] as string[];
  const state = query.get('lifecycleState');
  if (state !== null && each['lifecycleState'] !== state) return false;
  return capabilities.length === 0 || capabilities.some((one) => own.includes(one));
}
