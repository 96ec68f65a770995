import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { collectGarbage } from '../../kit/collect-garbage.ts';

it('collects what nobody holds, at once, and leaves what somebody holds', async () => {
  const held = { held: new Array(1000).fill('x') };
  const references = [new WeakRef(held), new WeakRef({ dropped: new Array(1000).fill('x') })];
  // A reference that was just made holds its object until the turn ends.
  await nextTurn();
  collectGarbage();
  expect(references.map((reference) => reference.deref() !== undefined)).toEqual([true, false]);
});
