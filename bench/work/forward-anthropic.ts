import type { Work } from './contract.ts';
import { measureRates } from './rate.ts';

/** Small JSON, Anthropic Messages on both sides. */
export const forwardAnthropic: Work = {
  name: 'forward-anthropic',
  summary: 'small JSON, Anthropic on both sides',
  run: (room) =>
    measureRates(room, {
      name: 'forward-anthropic',
      title: 'Forward, same protocol (Anthropic)',
      unit: 'requests/s',
      turns: (room) => [
        { running: room.yardstick, exchange: 'anthropic' },
        ...room.named('aiproxy').map((running) => ({ running, exchange: 'anthropic' as const })),
      ],
      goals: [{ of: 'aiproxy', timesAtLeast: 0.8, against: 'bare-pipe' }],
    }),
};
