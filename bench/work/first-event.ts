import type { Work } from './contract.ts';
import { measureHalfLoad } from './half-load.ts';

/** What the product adds before a streamed answer's first event, when it is half busy. */
export const firstEvent: Work = {
  name: 'first-event',
  summary: 'what is added before the first event of a stream, at half load',
  run: (room) =>
    measureHalfLoad(room, {
      name: 'first-event',
      title: 'First event of a stream at half load, against the bare pipe at the same rate',
      exchange: 'openai-stream',
      histogram: (sample) => sample.firstEvent,
      targets: (room) => room.named('aiproxy'),
      goal: { of: 'aiproxy', percentile: 50, addedMsBelow: 1 },
    }),
};
