import { distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { describeOrigin, pathText, type Path } from './origin.ts';
import { isSecret, shapeOf, type Schema } from './schema-shape.ts';
import type { SourceTree } from './source-tree.ts';

/** A value longer than this is cut in a message: a line is for reading. */
const shownLengthMax = 60;

const secretName = /secret|token|password|pass_phrase|key|credential/i;

/** A provider's key that was put at the wrong place. */
const keyForm = /\b(?:sk-|ksk_|AIza|gsk_|xai-|pplx-)|BEGIN [A-Z ]*PRIVATE KEY/;

/** The known word nearest to a wrong one, when it is near enough to be meant. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const far = distance(word.toLowerCase(), candidate.toLowerCase());
    if (far >= bestDistance) continue;
    best = candidate;
    bestDistance = far;
  }
  return best;
}

/** `limits.queue_sice: unknown key; did you mean queue_size? (config.yaml:3)` */
export function unknownKey(path: Path, known: Iterable<string>, tree: SourceTree): string {
  const words = [...known];
  const guess = nearest(String(path.at(-1)), words);
  const hint = guess === undefined ? `known here: ${words.join(', ')}` : `did you mean ${guess}?`;
  return `${pathText(path)}: unknown key; ${hint} (${describeOrigin(tree.origin(path))})`;
}

/** `port: "abc" is not allowed; allowed: a whole number … (flag --port)` */
export function badValue(path: Path, allowed: string, tree: SourceTree, schema?: Schema): string {
  const origin = tree.origin(path);
  const isHidden = (schema !== undefined && isSecret(schema)) || secretName.test(String(path.at(-1)));
  const shown = isHidden ? '[redacted]' : showValue(origin?.template ?? tree.value(path));
  return `${pathText(path)}: ${shown} is not allowed; allowed: ${allowed} (${describeOrigin(origin)})`;
}

export function missing(path: Path, allowed: string, tree: SourceTree): string {
  return `${pathText(path)}: missing; needed: ${allowed} (${describeOrigin(tree.origin(path))})`;
}

/** A value for a message: short, on one line, without the user name and password of a URL. */
export function showValue(value: unknown): string {
  const text = (typeof value === 'object' && value !== null ? shapeWord(value) : JSON.stringify(value)) ?? 'nothing';
  if (keyForm.test(text)) return '[redacted]';
  const safe = text.replace(/\/\/[^/@\s]*@/g, '//[redacted]@').replace(/\?[^"\s]*/g, '?[redacted]');
  return safe.length > shownLengthMax ? `${safe.slice(0, shownLengthMax)}…` : safe;
}

function shapeWord(value: object): string {
  return Array.isArray(value) ? 'a list' : 'a section';
}

/** Turns what a schema found wrong into lines. `base` is where the schema's value stands in the tree. */
export function complaintsOf(error: z.ZodError, base: Path, schema: Schema, tree: SourceTree): string[] {
  return error.issues.flatMap((issue) => {
    const path = [...base, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
    const place = schemaAt(schema, issue.path);
    if (issue.code === 'unrecognized_keys') {
      const known = Object.keys((place && shapeOf(place)) ?? {});
      return issue.keys.map((key) => unknownKey([...path, key], known, tree));
    }
    return [valueComplaint(issue, path, place, tree)];
  });
}

function valueComplaint(issue: z.core.$ZodIssue, path: Path, place: Schema | undefined, tree: SourceTree): string {
  const isSectionWanted = issue.code === 'invalid_type' && (issue.expected === 'object' || issue.expected === 'record');
  const allowed = isSectionWanted ? 'a section of keys' : issue.message;
  if (tree.value(path) === undefined) return missing(path, allowed, tree);
  return badValue(path, allowed, tree, place);
}

function schemaAt(schema: Schema, path: readonly PropertyKey[]): Schema | undefined {
  let place: Schema | undefined = schema;
  for (const step of path) {
    if (place === undefined) return undefined;
    place = shapeOf(place)?.[String(step)] ?? tableValueAt(place);
  }
  return place;
}

function tableValueAt(schema: Schema): Schema | undefined {
  const definition = schema._zod.def as { valueType?: Schema; innerType?: Schema };
  return definition.valueType ?? (definition.innerType && tableValueAt(definition.innerType));
}
