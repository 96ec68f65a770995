import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DenseSet } from '../../kit/dense-set.ts';

test('holds what a Set would hold, whatever the order of changes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 9 })), { maxLength: 80 }), (steps) => {
      const members = Array.from({ length: 10 }, (_, id) => ({ id, denseIndex: -1 }));
      const dense = new DenseSet<(typeof members)[number]>();
      const model = new Set<number>();
      for (const [isAdding, id] of steps) {
        const member = members[id]!;
        if (isAdding) {
          dense.add(member);
          model.add(id);
        } else {
          dense.delete(member);
          model.delete(id);
        }
        expect(dense.size).toBe(model.size);
        expect(new Set(dense.snapshot().map((held) => held.id))).toEqual(model);
      }
    }),
  );
});
