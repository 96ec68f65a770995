import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { IndexedHeap, type HeapItem } from '../../kit/indexed-heap.ts';

interface Item extends HeapItem {
  rank: number;
}

test('the least is on top under any sequence of pushes, removals and changes of rank', () => {
  const step = fc.record({
    kind: fc.constantFrom('push', 'remove', 'change', 'pop'),
    rank: fc.nat(50),
    pick: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new IndexedHeap<Item>((left, right) => left.rank < right.rank);
      const inside: Item[] = [];
      for (const { kind, rank, pick } of steps) {
        const item = inside[pick % Math.max(1, inside.length)];
        if (kind === 'push') {
          const added = { rank, heapIndex: -1 };
          inside.push(added);
          heap.push(added);
        } else if (item !== undefined && kind === 'change') {
          item.rank = rank;
          heap.fix(item);
        } else if (item !== undefined) {
          const gone = kind === 'pop' ? (heap.peek() ?? item) : item;
          heap.remove(gone);
          inside.splice(inside.indexOf(gone), 1);
          expect(gone.heapIndex).toBe(-1);
        }
        expect(heap.size).toBe(inside.length);
        expect(heap.peek()?.rank).toBe(inside.length === 0 ? undefined : Math.min(...inside.map((one) => one.rank)));
      }
    }),
  );
});
