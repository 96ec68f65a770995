import type { Work } from './contract.ts';
import { measureRates } from './rate.ts';

/**
 * Streams of 100 events, OpenAI chat on both sides. Without Portkey: its release 1.15.2 answered streams with 500 here
 * (`TypeError: immutable` where it adds its headers to the answer of fetch).
 */
export const streamed: Work = {
  name: 'streamed',
  summary: '100 events an answer, OpenAI chat on both sides, every target but portkey',
  run: (room) =>
    measureRates(room, {
      name: 'streamed',
      title: 'Streamed, same protocol, 100 events an answer',
      unit: 'events/s',
      turns: ({ running }) =>
        running
          .filter(({ target }) => !['aiproxy-cache', 'portkey'].includes(target.name))
          .map((running) => ({ running, exchange: 'openai-stream' })),
      goals: [{ of: 'aiproxy', timesAtLeast: 0.8, against: 'bare-pipe' }],
    }),
};
