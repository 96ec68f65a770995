/** Longer than a UUID, a ULID or a trace's id; what is longer, or not printable ASCII, is dropped. */
const lengthMax = 128;

const printable = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** `x-request-id` of the client, kept for the trace alone: answers carry the node's own, and upstreams neither. */
export function clientRequestId(value: string | string[] | undefined): string | undefined {
  if (typeof value !== 'string' || value.length > lengthMax) return undefined;
  return printable.test(value) ? value : undefined;
}
