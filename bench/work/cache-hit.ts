import type { Work } from './contract.ts';
import { measureRates } from './rate.ts';

/** Answers from the answer cache, against what the bare pipe forwards. */
export const cacheHit: Work = {
  name: 'cache-hit',
  summary: 'answers from the cache, against forwarding',
  run: (room) =>
    measureRates(room, {
      name: 'cache-hit',
      title: 'Cache hit',
      unit: 'requests/s',
      answersItself: 'aiproxy-cache',
      turns: (room) => [
        { running: room.yardstick, exchange: 'openai' },
        ...room.named('aiproxy-cache').map((running) => ({ running, exchange: 'openai' as const })),
      ],
      goals: [{ of: 'aiproxy-cache', timesAtLeast: 1.5, against: 'bare-pipe' }],
    }),
};
