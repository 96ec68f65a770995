/** Query parameters that carry credentials. */
const secretParameters = /([?&](?:key|token|api_key|access_token|client_secret)=)[^&#]*/gi;

/** A request target fit for a log line. */
export function redactUrl(url: string): string {
  return url.includes('?') ? url.replace(secretParameters, '$1[redacted]') : url;
}
