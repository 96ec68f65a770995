import type { Work } from './contract.ts';
import { measureRates } from './rate.ts';

/** An Anthropic client and an OpenAI upstream, against what the bare pipe only forwards. */
export const translated: Work = {
  name: 'translated',
  summary: 'Anthropic client, OpenAI upstream, against forwarding',
  run: (room) =>
    measureRates(room, {
      name: 'translated',
      title: 'Forward with translation (Anthropic to OpenAI)',
      unit: 'requests/s',
      turns: (room) => [
        { running: room.yardstick, exchange: 'openai' },
        ...room.named('aiproxy').map((running) => ({ running, exchange: 'anthropic-to-openai' as const })),
      ],
      goals: [{ of: 'aiproxy', timesAtLeast: 0.6, against: 'bare-pipe' }],
    }),
};
