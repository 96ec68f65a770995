import type { Work } from './contract.ts';
import { measureRates } from './rate.ts';

/** Streams of 100 events, OpenAI chat on both sides, by every target. */
export const streamed: Work = {
  name: 'streamed',
  summary: '100 events an answer, OpenAI chat on both sides, every target',
  run: (room) =>
    measureRates(room, {
      name: 'streamed',
      title: 'Streamed, same protocol, 100 events an answer',
      unit: 'events/s',
      turns: ({ running }) =>
        running
          .filter(({ target }) => target.name !== 'aiproxy-cache')
          .map((running) => ({ running, exchange: 'openai-stream' })),
      goals: [{ of: 'aiproxy', timesAtLeast: 0.8, against: 'bare-pipe' }],
    }),
};
