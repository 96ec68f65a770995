import type { ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import type { Row } from './database.ts';

/**
 * A payload as JSON. What JSON has no form for stands in an object with one field: `{"$bytes": base64}`,
 * `{"$number": "NaN"}`; a field of ours whose name begins with `$` has another one in front of it.
 */
export function encodePayload(payload: unknown): string {
  return JSON.stringify(encoded(payload));
}

function encoded(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $number: String(value) };
  if (Array.isArray(value)) return value.map(encoded);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, field]) => [
    name.startsWith('$') ? `$${name}` : name,
    encoded(field),
  ]);
  return Object.fromEntries(fields);
}

function decoded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decoded);
  if (typeof value !== 'object' || value === null) return value;
  const { $bytes, $number } = value as { readonly $bytes?: unknown; readonly $number?: unknown };
  if (typeof $bytes === 'string') return new Uint8Array(Buffer.from($bytes, 'base64'));
  if (typeof $number === 'string') return Number($number);
  const fields = Object.entries(value).map(([name, field]) => [
    name.startsWith('$$') ? name.slice(1) : name,
    decoded(field),
  ]);
  return Object.fromEntries(fields);
}

/** PostgreSQL takes no NUL in a text, and an id may have one. */
export function encodeId(id: string): string {
  return id.replaceAll('\\', '\\\\').replaceAll('\0', '\\0');
}

function decodeId(text: string): string {
  return text.replaceAll(/\\([\\0])/g, (_, character) => (character === '0' ? '\0' : '\\'));
}

/** A row as a record, yet to be checked; undefined where the payload cannot be read. */
export function recordOf(row: Row): ReplicatedRecord | undefined {
  const isDeleted = row['is_deleted'] === true;
  try {
    return {
      table: String(row['table_name']),
      id: decodeId(String(row['id'])),
      stamp: { major: Number(row['major']), minor: Number(row['minor']) },
      writer: String(row['writer']),
      isDeleted,
      payload: isDeleted ? undefined : decoded(JSON.parse(String(row['payload']))),
    };
  } catch (error) {
    // The parser's message quotes the text, which may be secret.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}
