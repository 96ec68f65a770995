import { createHash } from 'node:crypto';
import type { Tool } from '../../../conversation/contract.ts';

/** The names that differ on the way, by the name that they travel under. */
export function travellingNames(tools: readonly Tool[], travel: (name: string) => string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { name } of tools) {
    const travelling = travel(name);
    if (travelling !== name) names.set(travelling, name);
  }
  return names;
}

/** Cohere's first format takes variable names only. */
const cohereName = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const hashLength = 8;
const lengthMax = 64;

/** A tool's name as Cohere's first format takes it; distinct and the same on every turn, since it ends in a hash. */
export function cohereToolName(name: string): string {
  if (cohereName.test(name)) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, hashLength);
  const clean = name.replaceAll(/\W/g, '_').replace(/^(?=\d)/, '_');
  return `${clean.slice(0, lengthMax - hashLength - 1)}_${hash}`;
}
