import type { InvariantName } from '../findings.ts';

/**
 * What holds although one member lies that has the secret: it can fill nothing, crash nobody, turn no honest member
 * against another, and what it leaves behind goes away with it. The rest is promised among honest members only, and
 * docs/cluster.md says so: a liar can vote twice, say things in others' names, write any record, and acknowledge what it
 * does not keep.
 */
export const promisedDespiteLiar: ReadonlySet<InvariantName> = new Set<InvariantName>([
  'no exception escapes',
  'no honest message is refused',
  'everything is bounded',
  'terms only rise',
  'records only get newer',
  'a write is newer than what it saw',
  'units come back',
  'everything converges',
]);
