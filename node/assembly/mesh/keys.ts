/** Keys of what a node says of itself in the mesh. Ids may hold any character, so they come last. */
export const loadPrefix = 'load/';
export const breakerPrefix = 'breaker/';
export const restPrefix = 'rest/';
/** Requests that the node serves now, over all accounts. */
export const nodeLoadKey = 'node/load';

/** `q1`, or `q1` and its model: a line break stands in no id and in no model name that HTTP carried. */
export function standingKey(prefix: string, accountId: string, model: string | undefined): string {
  return model === undefined ? prefix + accountId : `${prefix}${accountId}\n${model}`;
}

export function readStandingKey(prefix: string, key: string): { accountId: string; model: string | undefined } {
  const rest = key.slice(prefix.length);
  const end = rest.indexOf('\n');
  return end < 0
    ? { accountId: rest, model: undefined }
    : { accountId: rest.slice(0, end), model: rest.slice(end + 1) };
}
