/** Query parameters that carry credentials, whatever is configured. */
const secretParameters = ['key', 'token', 'api_key', 'access_token', 'client_secret'];

/** Makes request targets fit for a log line. `names`: further query parameters in which clients put their keys. */
export function urlRedactor(names: Iterable<string> = []): (url: string) => string {
  // Of the signs that a name may have, a dot alone means something in a pattern.
  const all = [...secretParameters, ...names].map((name) => name.replaceAll('.', String.raw`\.`));
  const pattern = new RegExp(`([?&](?:${all.join('|')})=)[^&#]*`, 'gi');
  return (url) => (url.includes('?') ? url.replace(pattern, '$1[redacted]') : url);
}
