import type { Body } from '../post/contract.ts';
import { Hash64 } from '../hash64.ts';
import { hashPlain, plainCopy } from '../plain-value.ts';
import type { ReplicatedRecord } from './contract.ts';
import { recordFaults } from './faults.ts';
import { countMax, idLengthMax, payloadBytesMax, tableNameLengthMax, wallMsMax } from './limits.ts';
import type { HashedRecord } from './stamp.ts';

/** Further items are passed over. */
export type WireRecord = readonly [
  table: string,
  id: string,
  major: number,
  minor: number,
  writer: string,
  isDeleted: boolean,
  payload: unknown,
];

export function encodeRecord({ table, id, stamp, writer, isDeleted, payload }: ReplicatedRecord): WireRecord {
  return [table, id, stamp.major, stamp.minor, writer, isDeleted, payload ?? null];
}

/** Throws a Fault for anything that is no record. */
export function decodeRecord(body: Body): HashedRecord {
  const [table, id, major, minor, writer, isDeleted, payload] = listOf(body, 64);
  const hashed = hashRecord({
    table: tableName(table),
    id: text(id, idLengthMax),
    stamp: { major: integer(major, wallMsMax), minor: integer(minor, countMax) },
    writer: text(writer, 64),
    isDeleted: isDeleted === true,
    payload,
  });
  return hashed ?? refuse('has a payload that is too large, or of an unknown kind');
}

/**
 * Checks the payload, takes a copy of it and hashes the whole; undefined when the payload cannot be kept. Nobody may
 * change what is in a record.
 */
export function hashRecord(record: ReplicatedRecord): HashedRecord | undefined {
  const { table, id, stamp, writer, isDeleted } = record;
  const plain = isDeleted ? { value: undefined, bytes: 1 } : plainCopy(record.payload, payloadBytesMax);
  if (plain === undefined) return undefined;
  const hash = new Hash64().text(table).text(id).number(stamp.major).number(stamp.minor).text(writer);
  hashPlain(hash.word(isDeleted ? 1 : 0), plain.value);
  return {
    record: { table, id, stamp: { major: stamp.major, minor: stamp.minor }, writer, isDeleted, payload: plain.value },
    high: hash.high,
    low: hash.low,
    bytes: plain.bytes + (table.length + id.length + writer.length) * 3 + 32,
  };
}

export function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return refuse('is no object');
  return body as Readonly<Record<string, unknown>>;
}

export function listOf(value: unknown, lengthMax: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > lengthMax)
    return refuse(`has no list of up to ${lengthMax} where one belongs`);
  return value as readonly unknown[];
}

export function integer(value: unknown, max: number): number {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > max) {
    return refuse('has no fitting whole number where one belongs');
  }
  return value as number;
}

export function text(value: unknown, lengthMax: number): string {
  if (typeof value !== 'string' || value === '' || value.length > lengthMax || !value.isWellFormed()) {
    return refuse(`has no text of up to ${lengthMax} characters where one belongs`);
  }
  return value;
}

export function tableName(value: unknown): string {
  return text(value, tableNameLengthMax);
}

export function refuse(what: string): never {
  throw recordFaults.record_malformed(`A message about records ${what}.`);
}
