/** Fields of a record as they travel: `createdAtMs` is `created_at_ms`. Names only, one level deep. */
export function toPayload(fields: object): Record<string, unknown> {
  return renamed(fields, (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** The other way round; what is no object is given back for the schema to refuse. */
export function fromPayload(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return payload;
  return renamed(payload, (name) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
}

function renamed(fields: object, rename: (name: string) => string): Record<string, unknown> {
  const defined = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined.map(([name, value]) => [rename(name), value]));
}
