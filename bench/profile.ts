import { basename } from 'node:path';

/** A V8 CPU profile as `--cpu-prof` writes it (Chrome DevTools protocol, Profiler.Profile); times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** Of the machine's monotonic clock. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  /** `name file:line`, or V8's own `(garbage collector)` and the like. */
  readonly place: string;
  /** Share of the time that the process was not idle, 0 to 1. */
  readonly share: number;
}

/** From and to, microseconds of the machine's monotonic clock. */
export type Window = readonly [number, number];

/**
 * Functions by the time spent in themselves, the most expensive first; the idle time is left out, and
 * so is what lies outside of the window: start and stop of the process.
 */
export function selfTimes(profile: CpuProfile, count: number, [from, to]: Window = [0, Infinity]): SelfTime[] {
  const places = new Map(profile.nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const times = new Map<string, number>();
  let at = profile.startTime;
  for (const [index, node] of profile.samples.entries()) {
    at += profile.timeDeltas[index] ?? 0;
    if (at < from || at > to) continue;
    const place = places.get(node) ?? '(unknown)';
    times.set(place, (times.get(place) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  times.delete('(idle)');
  const total = times.values().reduce((sum, time) => sum + time, 0);
  return [...times]
    .toSorted((left, right) => right[1] - left[1])
    .slice(0, count)
    .map(([place, time]) => ({ place, share: total === 0 ? 0 : time / total }));
}

function placeOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName || '(anonymous)';
  return url === '' ? name : `${name} ${shortened(url)}:${lineNumber + 1}`;
}

/** The last two folders tell files of one name apart. */
function shortened(url: string): string {
  const parts = url.split('/');
  return url.startsWith('node:') ? url : [...parts.slice(-3, -1), basename(url)].join('/');
}
