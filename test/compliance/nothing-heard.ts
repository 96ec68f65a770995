import type { Heard } from './contract.ts';

/** What a client has heard before the first byte. */
export function nothingHeard(): Heard {
  return {
    text: '',
    pieces: 0,
    thinking: '',
    calls: [],
    finish: undefined,
    model: undefined,
    inputTokens: undefined,
    outputTokens: undefined,
    dropped: [],
    isEstimate: false,
    kept: undefined,
    failure: undefined,
  };
}

/** Reads the node's own headers. */
export function noteHeaders(heard: Heard, headers: Headers | undefined): void {
  const dropped = headers?.get('x-aiproxy-dropped') ?? '';
  heard.dropped = dropped === '' ? [] : dropped.split(',').map((name) => name.trim());
  heard.isEstimate = headers?.get('x-aiproxy-usage') === 'estimated';
}

export function secondsOf(headers: Headers | undefined): number | undefined {
  const value = headers?.get('retry-after');
  return value === undefined || value === null ? undefined : Number(value);
}

/** A `fetch` that remembers the headers of its last answer, for clients that do not hand them out. */
export function fetchWithHeaders(): { fetch: typeof fetch; last(): Headers | undefined } {
  let headers: Headers | undefined;
  return {
    last: () => headers,
    async fetch(...parameters: Parameters<typeof fetch>) {
      const response = await fetch(...parameters);
      headers = response.headers;
      return response;
    },
  };
}
