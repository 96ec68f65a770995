import { z } from 'zod';
import { Secret } from '../../kit/secret.ts';
import { innerType, metaOf } from '../../kit/setting.ts';

export type Schema = z.core.$ZodType;
export type Shape = Readonly<Record<string, Schema>>;

/** The keys of a section's schema, or undefined when the schema is not that of a section. */
export function shapeOf(schema: Schema): Shape | undefined {
  const core = coreOf(schema);
  return core instanceof z.ZodObject ? core.shape : undefined;
}

/** The schema of a table's values (groups, models, prices), or undefined when the schema is not that of a table. */
export function tableValueOf(schema: Schema): Schema | undefined {
  const core = coreOf(schema);
  return core instanceof z.ZodRecord ? core.valueType : undefined;
}

/** Strips what wraps a section or a table; a single value is given back as it is. */
function coreOf(schema: Schema): Schema {
  let core = schema;
  while (!(core instanceof z.ZodObject) && !(core instanceof z.ZodRecord)) {
    const inner = innerType(core);
    if (inner === undefined) return schema;
    core = inner;
  }
  return core;
}

/** Text of `.describe()`, also when something was wrapped around it. */
export function descriptionOf(schema: Schema): string {
  const own = z.globalRegistry.get(schema)?.description;
  if (own !== undefined) return own;
  const inner = innerType(schema);
  return inner === undefined ? '' : descriptionOf(inner);
}

/** What is allowed, in words: of our kinds their own, of other schemas what they say to a value that cannot be right. */
export function allowedOf(schema: Schema): string {
  const meta = metaOf(schema);
  if (meta !== undefined) return meta.allowed;
  if (tableValueOf(schema) !== undefined) return 'names and their values';
  const message = z.safeParse(schema, Symbol('impossible')).error?.issues[0]?.message ?? 'text';
  return message.startsWith('Invalid input: expected array')
    ? 'a list'
    : message.replace(/^Invalid input: expected (\w+).*$/, '$1');
}

/** The default of a value, or undefined when it has none. */
export function defaultOf(schema: Schema): unknown {
  if (schema instanceof z.ZodDefault) return schema.def.defaultValue;
  const inner = innerType(schema);
  return inner === undefined ? undefined : defaultOf(inner);
}

export function isRequired(schema: Schema): boolean {
  return !z.safeParse(schema, undefined).success;
}

/** Values that every schema of a secret takes; the second is for those that are URLs. */
const probes = ['probe-value', 'https://probe.invalid/'];

/** Whether a value becomes a `Secret`: said by its kind, or seen by trying (providers may build theirs otherwise). */
export function isSecret(schema: Schema): boolean {
  const meta = metaOf(schema);
  if (meta !== undefined) return meta.kind === 'secret';
  return probes.some((probe) => {
    const parsed = z.safeParse(schema, probe);
    return parsed.success && parsed.data instanceof Secret;
  });
}
