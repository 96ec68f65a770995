import { expect, it } from 'vitest';
import { timeText } from '../../../../cli/program/demo/time-text.ts';

it('writes times as people read them', () => {
  expect([0.04, 0.94, 1, 12.4, 999.4, 1_000, 42_300].map(timeText)).toEqual([
    '0.0 ms',
    '0.9 ms',
    '1 ms',
    '12 ms',
    '999 ms',
    '1.0 s',
    '42.3 s',
  ]);
});
