import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedQueue, type QueuePlace } from '../../kit/bounded-queue.ts';

test('a full queue takes nothing', () => {
  const queue = new BoundedQueue<number>(2);
  expect(queue.push(1)?.value).toBe(1);
  expect(queue.push(2)?.value).toBe(2);
  expect(queue.push(3)).toBeUndefined();
  expect(queue.shift()).toBe(1);
  expect(queue.push(4)?.value).toBe(4);
  expect([...queue]).toEqual([2, 4]);
});

test('behaves as a list under any sequence of pushes, shifts and removals', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('push' as const) }),
    fc.record({ kind: fc.constant('shift' as const) }),
    fc.record({ kind: fc.constant('remove' as const), pick: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new BoundedQueue<number>(20);
      const places: QueuePlace<number>[] = [];
      let model: number[] = [];
      steps.forEach((action, number) => {
        if (action.kind === 'push') {
          const place = queue.push(number);
          expect(place === undefined).toBe(model.length >= 20);
          if (place === undefined) return;
          places.push(place);
          model.push(number);
        } else if (action.kind === 'shift') {
          expect(queue.shift()).toBe(model.shift());
        } else if (places.length > 0) {
          const place = places[action.pick % places.length];
          const wasIn = place !== undefined && model.includes(place.value);
          expect(place?.remove()).toBe(wasIn);
          model = model.filter((value) => value !== place?.value);
        }
        expect(queue.size).toBe(model.length);
        expect(queue.peek()).toBe(model[0]);
      });
      expect([...queue]).toEqual(model);
    }),
  );
});

test('a walk that was put off goes on past places that left meanwhile', () => {
  const queue = new BoundedQueue<number>(10);
  const places = [1, 2, 3, 4].map((value) => queue.push(value));
  const walk = queue[Symbol.iterator]();
  expect(walk.next().value).toBe(1);
  places[0]?.remove();
  places[1]?.remove();
  places[2]?.remove();
  queue.push(5);
  expect([...walk]).toEqual([4, 5]);
});
