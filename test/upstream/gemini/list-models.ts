import type { JsonObject } from '../../../kit/json.ts';

/** `GET /v1beta/models`, page by page: small pages, so that whoever reads only the first is noticed. */
export function listModels(names: readonly string[], query: URLSearchParams): JsonObject {
  const size = Math.min(Number(query.get('pageSize') ?? 50), 5);
  const start = Number(query.get('pageToken') ?? 0);
  const models = names.slice(start, start + size).map((name) => ({
    name: `models/${name}`,
    version: '001',
    displayName: name,
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ['generateContent', 'countTokens'],
  }));
  const isLast = start + size >= names.length;
  return { models, ...(isLast ? {} : { nextPageToken: String(start + size) }) };
}
