import type { Work } from './contract.ts';
import { measureHalfLoad } from './half-load.ts';

/** What a target adds to an answer when it is half busy. */
export const latencyAtHalfLoad: Work = {
  name: 'latency-at-half-load',
  summary: 'what is added to the bare pipe at half of the highest rate, from the intended time of sending',
  run: (room) =>
    measureHalfLoad(room, {
      name: 'latency-at-half-load',
      title: 'Latency at half load, against the bare pipe at the same rate',
      exchange: 'openai',
      histogram: (sample) => sample.latency,
      targets: (room) => room.running.filter(({ target }) => !['bare-pipe', 'aiproxy-cache'].includes(target.name)),
      goal: { of: 'aiproxy', percentile: 99, addedMsBelow: 1 },
    }),
};
