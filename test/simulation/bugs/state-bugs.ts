import { withMisfortunes } from './misfortunes-of.ts';
import type { PlantedBug } from './planted-bug.ts';
import { TamperedPost } from './tampered-post.ts';

interface Said {
  readonly serial: number;
  readonly count: number;
}

type Entry = readonly [key: string, version: number, value?: Said];

interface Delta {
  readonly n: string;
  readonly e: readonly Entry[];
}

export const stateBugs: readonly PlantedBug[] = [
  {
    name: 'counters-merged-over-incarnations',
    finds: ['what is heard was said'],
    seeds: [1, 6],
    plan: (plan) => withMisfortunes(plan, { killMeanMs: 6000 }),
    post(part, post) {
      if (part !== 'gossip') return post;
      const greatest = new Map<string, number>();
      const merged = (node: string, [key, version, value]: Entry): Entry => {
        if (value === undefined) return [key, version];
        const count = Math.max(value.count, greatest.get(`${node} ${key}`) ?? 0);
        greatest.set(`${node} ${key}`, count);
        return [key, version, { ...value, count }];
      };
      return new TamperedPost(post, {
        hear(_from, _kind, body) {
          if (typeof body !== 'object' || body === null || !('d' in body) || !Array.isArray(body.d)) return body;
          const deltas = (body.d as Delta[]).map((delta) =>
            withEntries(
              delta,
              delta.e.map((entry) => merged(delta.n, entry)),
            ),
          );
          return { ...body, d: deltas };
        },
      });
    },
  },
  {
    name: 'changes-lost-and-not-compared',
    finds: ['everything converges'],
    seeds: [1, 4],
    post: (part, post) =>
      part !== 'gossip' ? post : new TamperedPost(post, { answer: () => ({ d: [], k: [], m: false }) }),
  },
];

function withEntries(delta: Delta, entries: readonly Entry[]): Delta {
  return { ...delta, e: entries };
}
