import { Secret } from '../../kit/secret.ts';
import { metaOf } from '../../kit/setting.ts';
import { formatDuration, formatSize } from '../../kit/units.ts';
import type { Schema } from './schema-shape.ts';

/** Names of values that are credentials although their schema says text: headers that an account adds. */
const secretName = /(?:^|[-_.])(?:authorization|cookie|token|secret|password|key)$/i;

/** One value as a file would hold it; of a secret only that there is one. */
export function shownValue(value: unknown, schema: Schema | undefined, name = ''): unknown {
  if (value instanceof Secret) return redacted(value);
  if (typeof value === 'string' && secretName.test(name)) return '[redacted]';
  const kind = schema && metaOf(schema)?.kind;
  if (typeof value === 'number' && kind === 'duration') return formatDuration(value);
  if (typeof value === 'number' && kind === 'size') return formatSize(value);
  if (isStore(value)) return value.kind === 'sqlite' ? 'sqlite' : 'postgres://[redacted]';
  return value;
}

/** Of a secret URL the host is shown: it says which service is told, and is needed to see a mistake. */
function redacted(secret: Secret): string {
  const url = URL.parse(secret.reveal());
  const isWeb = url !== null && (url.protocol === 'http:' || url.protocol === 'https:');
  return isWeb ? `${url.origin}/[redacted]` : '[redacted]';
}

function isStore(value: unknown): value is { kind: string } {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
