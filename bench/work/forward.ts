import type { Work } from './contract.ts';
import { measureRates } from './rate.ts';

/** Small JSON, OpenAI chat on both sides, by every target. */
export const forward: Work = {
  name: 'forward',
  summary: 'small JSON, OpenAI chat on both sides, every target',
  run: (room) =>
    measureRates(room, {
      name: 'forward',
      title: 'Forward, same protocol (OpenAI chat)',
      unit: 'requests/s',
      turns: ({ running }) =>
        running
          .filter(({ target }) => target.name !== 'aiproxy-cache')
          .map((running) => ({ running, exchange: 'openai' })),
      goals: [
        { of: 'aiproxy', timesAtLeast: 0.8, against: 'bare-pipe' },
        { of: 'aiproxy', timesAtLeast: 10, against: 'portkey' },
      ],
    }),
};
