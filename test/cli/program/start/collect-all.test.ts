import { setImmediate as nextTurn } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { collectAll } from '../../../../cli/program/start/collect-all.ts';

it('collects what nobody holds, and takes the flag back that it asked with', async () => {
  const dropped = new WeakRef({ large: 'x'.repeat(10_000).split('') });
  // A reference made in this turn is held until the turn is over.
  await nextTurn();
  collectAll();
  expect(dropped.deref()).toBeUndefined();
  expect(runInNewContext('typeof gc')).toBe('undefined');
});
