/** Headers that identify the client to the proxy; never the upstream's business. */
const clientCredentials: ReadonlySet<string> = new Set([
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'cookie',
  'openai-organization',
  'openai-project',
  'user-agent',
]);

/** A client's headers with the account's credentials in place of its own. Flat lists: name, value … */
export function transparentHeaders(headers: readonly string[], own: readonly string[]): string[] {
  const replaced = new Set(own.filter((_, position) => position % 2 === 0));
  const kept: string[] = [];
  for (let position = 0; position < headers.length; position += 2) {
    const name = (headers[position] ?? '').toLowerCase();
    if (!clientCredentials.has(name) && !replaced.has(name)) kept.push(name, headers[position + 1] ?? '');
  }
  return [...kept, ...own];
}
