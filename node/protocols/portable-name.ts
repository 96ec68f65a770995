import { createHash } from 'node:crypto';

/** Names of functions that OpenAI, Anthropic and Gemini all take. */
const portable = /^[A-Za-z0-9_-]{1,64}$/;
const lengthMax = 64;
const hashLength = 8;

/**
 * A tool's name as every upstream takes it: itself, or, where it is too long or has other characters (Gemini takes
 * `.` and `:`), a cleaned form that ends in a hash of the whole name. The same name always gives the same form, so
 * calls of earlier turns keep theirs without any state.
 */
export function portableName(name: string): string {
  if (portable.test(name)) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, hashLength);
  const clean = name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, lengthMax - hashLength - 1);
  return `${clean}_${hash}`;
}
