import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlotCounter, type Slot } from '../../kit/slot.ts';

test('a slot that is released twice gives one place back', () => {
  const counter = new SlotCounter(2);
  const slot = counter.take();
  counter.take();
  slot?.release();
  slot?.release();
  expect(counter.taken).toBe(1);
});

test('takings never exceed the limit and all come back, whatever the order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: -1, max: 9 }), { maxLength: 60 }),
      (limit, steps) => {
        const counter = new SlotCounter(limit);
        const slots: Slot[] = [];
        for (const step of steps) {
          if (step < 0) {
            const slot = counter.take();
            expect(slot === undefined).toBe(counter.taken === limit && slot === undefined);
            if (slot !== undefined) slots.push(slot);
          } else slots[step]?.release();
          expect(counter.taken).toBeLessThanOrEqual(limit);
        }
        for (const slot of slots) slot.release();
        expect(counter.taken).toBe(0);
      },
    ),
  );
});

test('releasing tells the listener that a place is free', () => {
  let told = 0;
  const counter = new SlotCounter(1, () => told++);
  counter.take()?.release();
  expect(told).toBe(1);
});
