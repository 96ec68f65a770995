import { isJsonObject, type Json } from '../../../kit/json.ts';
import type { Checks } from './fields.ts';

/** Lone surrogates anywhere, in names too. */
export function checkTexts(value: Json | undefined, path: string, checks: Checks): void {
  if (typeof value === 'string' && !value.isWellFormed()) checks.improper(`${path}: holds a lone surrogate`);
  if (Array.isArray(value)) value.forEach((each, index) => checkTexts(each, `${path}[${index}]`, checks));
  if (!isJsonObject(value)) return;
  for (const [name, each] of Object.entries(value)) {
    if (!name.isWellFormed()) checks.improper(`${path}: a name holds a lone surrogate`);
    checkTexts(each, `${path}.${name}`, checks);
  }
}

/** Empty names in a call's input, at any depth. */
export function checkNames(value: Json | undefined, path: string, checks: Checks): void {
  if (Array.isArray(value)) value.forEach((each, index) => checkNames(each, `${path}[${index}]`, checks));
  if (!isJsonObject(value)) return;
  for (const [name, each] of Object.entries(value)) {
    if (name === '') checks.improper(`${path}: has an empty name`);
    checkNames(each, `${path}.${name}`, checks);
  }
}
