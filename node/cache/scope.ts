import type { CacheLabel, ClearScope } from './contract.ts';

/** Longest name in a scope: with the node id behind it, it is the id of a record, of at most 200 characters. */
export const scopeValueLengthMax = 128;

/** Whether clearing this takes an entry with it. */
export function covers(scope: ClearScope, label: CacheLabel): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'model':
      return label.model === scope.value;
    case 'tag':
      return label.tags.includes(scope.value);
    case 'key':
      return label.key === scope.value;
  }
}

/** Whether clearing the first clears whatever clearing the second does. */
export function includes(wide: ClearScope, narrow: ClearScope): boolean {
  return wide.kind === 'all' || (wide.kind === narrow.kind && 'value' in narrow && wide.value === narrow.value);
}

/** `all`, `model:gpt-4o`, `tag:nightly`, `key:…` */
export function scopeText(scope: ClearScope): string {
  return scope.kind === 'all' ? 'all' : `${scope.kind}:${scope.value}`;
}

/** Undefined for text that is no scope. */
export function readScope(text: string): ClearScope | undefined {
  if (text === 'all') return { kind: 'all' };
  const at = text.indexOf(':');
  const [kind, value] = [text.slice(0, at), text.slice(at + 1)];
  if (at === -1 || value === '' || value.length > scopeValueLengthMax) return undefined;
  return kind === 'model' || kind === 'tag' || kind === 'key' ? { kind, value } : undefined;
}
