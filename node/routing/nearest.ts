import { distance } from 'fastest-levenshtein';

/** Names compared, and their characters: together they bound the work for a name that an attacker chose. */
const namesComparedMax = 1_000;
const charactersComparedMax = 64;

/** Up to `count` of the known names, nearest first by edit distance. Well under a millisecond whatever is asked. */
export function nearestNames(asked: string, known: Iterable<string>, count = 5): string[] {
  const target = clip(asked);
  const scores = new Map<string, number>();
  for (const name of known) {
    if (scores.size >= namesComparedMax) break;
    // An alias of a person may be a name that an upstream lists as well.
    if (!scores.has(name)) scores.set(name, distance(target, clip(name)));
  }
  const nearestFirst = [...scores].sort(([, left], [, right]) => left - right);
  return nearestFirst.slice(0, count).map(([name]) => name);
}

function clip(name: string): string {
  return name.slice(0, charactersComparedMax).toLowerCase();
}
