import { distance } from 'fastest-levenshtein';

/** Names compared, and their characters: together they bound the work for a name that an attacker chose. */
const namesComparedMax = 1_000;
const charactersComparedMax = 64;

/** Up to `count` of the known names, nearest first by edit distance. Well under a millisecond whatever is asked. */
export function nearestNames(asked: string, known: Iterable<string>, count = 5): string[] {
  const target = clip(asked);
  const scored: { name: string; score: number }[] = [];
  for (const name of known) {
    if (scored.length >= namesComparedMax) break;
    scored.push({ name, score: distance(target, clip(name)) });
  }
  scored.sort((left, right) => left.score - right.score);
  return scored.slice(0, count).map(({ name }) => name);
}

function clip(name: string): string {
  return name.slice(0, charactersComparedMax).toLowerCase();
}
