import type { Work } from './contract.ts';
import { measureRates } from './rate.ts';

/** Streams of an OpenAI upstream to an Anthropic client, against what the bare pipe only forwards. */
export const streamedTranslated: Work = {
  name: 'streamed-translated',
  summary: '100 events an answer, Anthropic client, OpenAI upstream',
  run: (room) =>
    measureRates(room, {
      name: 'streamed-translated',
      title: 'Streamed with translation, 100 events an answer',
      unit: 'events/s',
      turns: (room) => [
        { running: room.yardstick, exchange: 'openai-stream' },
        ...room.named('aiproxy').map((running) => ({ running, exchange: 'anthropic-to-openai-stream' as const })),
      ],
      goals: [{ of: 'aiproxy', timesAtLeast: 0.5, against: 'bare-pipe' }],
    }),
};
