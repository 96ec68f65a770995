/** When each field of a record was last changed, wall ms; a field that is not named has not been since it was made. */
export type FieldStamps = Readonly<Record<string, number>>;

/** A value with the times of its fields. */
export interface Stamped<Value> {
  readonly value: Value;
  readonly stamps: FieldStamps;
}

/** What a field is called in a payload, beside the fields themselves. */
export const stampsField = 'changed_at_ms';

const stampMax = 8.64e15;

/** Those of these fields, as a payload has them; what cannot be read is left out. */
export function readStamps(payload: unknown, fields: readonly string[]): FieldStamps {
  const given: unknown =
    typeof payload === 'object' && payload !== null ? Reflect.get(payload, stampsField) : undefined;
  if (typeof given !== 'object' || given === null) return {};
  const stamps = fields.map((name) => [name, fieldOf(given, name)] as const);
  return Object.fromEntries(stamps.filter((stamp): stamp is [string, number] => isMoment(stamp[1])));
}

/** The stamps of what takes the place of `before`: fields that differ are changed now, and later than they were before. */
export function stampsAfter(before: Stamped<object>, value: object, nowMs: number): FieldStamps {
  const names = Object.keys({ ...before.value, ...value });
  const changed = names.filter((name) => !isSame(fieldOf(before.value, name), fieldOf(value, name)));
  const stampOf = (name: string) => Math.max(Math.floor(nowMs), (before.stamps[name] ?? 0) + 1);
  return { ...before.stamps, ...Object.fromEntries(changed.map((name) => [name, stampOf(name)])) };
}

/**
 * What both say together, field by field the later: of two who changed a record without knowing of each other neither
 * undoes what the other did. Gives `now` itself where `before` has nothing to add.
 */
export function merged<Value extends object>(now: Stamped<Value>, before: Stamped<Value>): Stamped<Value> {
  const isLater = (name: string) => (before.stamps[name] ?? 0) > (now.stamps[name] ?? 0);
  const kept = Object.keys(before.stamps).filter(isLater);
  if (kept.length === 0) return now;
  const values = Object.fromEntries(kept.map((name) => [name, fieldOf(before.value, name)]));
  const stamps = Object.fromEntries(kept.map((name) => [name, before.stamps[name] ?? 0]));
  return { value: withoutAbsent({ ...now.value, ...values }), stamps: { ...now.stamps, ...stamps } };
}

function withoutAbsent<Value extends object>(fields: Value): Value {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Value;
}

function isMoment(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= stampMax;
}

function fieldOf(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

/** Fields are plain values and lists of them. */
function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
