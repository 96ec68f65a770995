import type { DemoSite } from './demo-site.ts';

/** What was seen of a step. */
export interface Seen {
  isRight: boolean;
  /** In plain words, one line. */
  text: string;
  /** The same for programs. */
  facts?: Readonly<Record<string, unknown>>;
  /** Where it is not the time that the step took. */
  tookMs?: number;
}

/** One thing that the demo shows. A step that throws went wrong. */
export interface Step {
  title: string;
  run(site: DemoSite, signal: AbortSignal): Promise<Seen>;
}

export interface Chapter {
  title: string;
  /** Nothing else is shown when one of these goes wrong. */
  isEssential?: boolean;
  steps: readonly Step[];
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
