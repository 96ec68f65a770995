import { describe, expect, it } from 'vitest';
import { Awareness } from '../../../cluster/membership/awareness.ts';

describe('awareness', () => {
  it('rises with what is missed, falls with what comes, and alone never says that the node is deaf', () => {
    const awareness = new Awareness(300, () => 0);
    expect(awareness).toMatchObject({ level: 0, stretch: 1 });
    awareness.worsen();
    expect(awareness).toMatchObject({ level: 1, stretch: 2 });
    awareness.worsen(10);
    expect(awareness).toMatchObject({ level: 3, isDeaf: false });
    for (let count = 0; count < 5; count++) awareness.improve();
    expect(awareness.level).toBe(0);
  });

  it('follows the delay of the event loop, up to 8', () => {
    let delayMs = 0;
    const awareness = new Awareness(300, () => delayMs);
    const levels = [0, 149, 150, 300, 900, 100_000].map((ms) => {
      delayMs = ms;
      return awareness.level;
    });
    expect(levels).toEqual([0, 0, 1, 2, 6, 8]);
    expect(awareness).toMatchObject({ stretch: 9, isDeaf: true });
  });
});
