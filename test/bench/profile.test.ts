import { expect, test } from 'vitest';
import { selfTimes, type CpuProfile } from '../../bench/profile.ts';

const frame = (functionName: string, url = '', lineNumber = -1) => ({ functionName, url, lineNumber });
const profile: CpuProfile = {
  startTime: 1_000,
  nodes: [
    { id: 1, callFrame: frame('(idle)') },
    { id: 2, callFrame: frame('send', 'file:///home/me/aiproxy/node/forward/send.ts', 9) },
    { id: 3, callFrame: frame('', 'node:net', 4) },
    { id: 4, callFrame: frame('send', 'file:///home/me/aiproxy/node/forward/send.ts', 9) },
  ],
  samples: [1, 2, 3, 4],
  timeDeltas: [900, 50, 25, 25],
};

test('adds up what was spent in each function itself, the idle time left out', () => {
  expect(selfTimes(profile, 5)).toEqual([
    { place: 'send node/forward/send.ts:10', share: 0.75 },
    { place: '(anonymous) node:net:5', share: 0.25 },
  ]);
  expect(selfTimes(profile, 1)).toHaveLength(1);
});

test('counts only what lies in the window', () => {
  expect(selfTimes(profile, 5, [1_960, 1_980])).toEqual([{ place: '(anonymous) node:net:5', share: 1 }]);
});
