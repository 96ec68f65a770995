import { beforeEach, describe, expect, it } from 'vitest';
import type { KeptAnswer, Participant, Participation } from '../../../node/cache/contract.ts';
import { ResponseCache } from '../../../node/cache/response-cache.ts';
import { ManualClock } from '../../manual-clock.ts';

const label = { key: 'k', model: 'm', tags: [] };
let clock: ManualClock;
let cache: ResponseCache;
beforeEach(() => {
  clock = new ManualClock();
  cache = new ResponseCache({ isEnabled: true, bytesMax: 1024 * 1024, ttlMs: 60_000 }, clock);
});

class Asker implements Participant {
  place: Participation | undefined;
  leads = false;
  text: string | undefined;
  isDeserted = false;
  onLead: () => void = () => {};

  join(waitMs = 1000): this {
    this.place = cache.join(label, this, waitMs);
    this.leads = this.place.isLeading;
    return this;
  }
  lead(): void {
    this.leads = true;
    this.onLead();
  }
  serve(answer: KeptAnswer): void {
    this.text = answer.body.toString();
  }
  deserted(): void {
    this.isDeserted = true;
  }
  keep(text: string): void {
    this.place?.keep({ body: Buffer.from(text), dropped: '' });
  }
}

describe('a request that waits for an identical one', () => {
  it('asks for itself after its own time, and then answers for the others too', () => {
    const leader = new Asker().join();
    const short = new Asker().join(100);
    const long = new Asker().join(1000);
    clock.advance(100);
    expect([short.leads, long.leads]).toEqual([true, false]);
    short.keep('second');
    expect(long.text).toBe('second');
    leader.keep('first');
    expect(clock.pendingCount).toBe(1);
    // The later question's answer stays.
    expect(cache.peek('k')?.body.toString()).toBe('first');
  });

  it('is a hit, its leader a miss; one that has to ask for itself is a miss', () => {
    const leader = new Asker().join();
    new Asker().join();
    new Asker().join(50);
    clock.advance(50);
    leader.keep('x');
    expect(cache.reading()).toMatchObject({ hits: 1, misses: 2, coalesced: 1, hitRate: 1 / 3, entries: 1 });
  });

  it('lets its leader know when it was the last', () => {
    const leader = new Asker().join();
    const [one, two] = [new Asker().join(), new Asker().join()];
    one.place?.leave();
    expect(leader.isDeserted).toBe(false);
    two.place?.leave();
    expect([leader.isDeserted, leader.place?.hasFollowers]).toEqual([true, false]);
  });

  it('does not follow a fresh one', () => {
    const fresh = new Asker();
    fresh.place = cache.refresh(label, fresh);
    const other = new Asker().join();
    expect(other.leads).toBe(true);
    fresh.keep('fresh');
    expect(other.text).toBeUndefined();
    expect(cache.peek('k')?.body.toString()).toBe('fresh');
  });
});

describe('failures', () => {
  it('of thousands, each at once, come to an end', () => {
    const askers = Array.from({ length: 20_000 }, () => {
      const asker = new Asker();
      asker.onLead = () => asker.place?.fail();
      return asker.join();
    });
    askers[0]?.place?.fail();
    expect(askers.every(({ leads }) => leads)).toBe(true);
    expect(clock.pendingCount).toBe(0);
    expect(new Asker().join().leads).toBe(true);
  });

  it('let one try, then two, then four', () => {
    const askers = Array.from({ length: 20 }, () => new Asker().join());
    const leading = () => askers.filter(({ place }) => place?.isLeading);
    const counts: number[] = [];
    for (let round = 0; round < 5; round++) {
      counts.push(leading().length);
      for (const asker of leading()) asker.place?.fail();
    }
    expect(counts).toEqual([1, 1, 2, 4, 8]);
  });

  it('say nothing where a client merely left', () => {
    const askers = Array.from({ length: 6 }, () => new Asker().join());
    for (const asker of askers.slice(0, 4)) {
      expect(asker.leads).toBe(true);
      asker.place?.leave();
    }
    expect(askers.map(({ leads }) => leads)).toEqual([true, true, true, true, true, false]);
  });

  it('count once: a place that was given up does nothing more', () => {
    const leader = new Asker().join();
    leader.place?.fail();
    leader.place?.keep({ body: Buffer.from('late'), dropped: '' });
    leader.place?.forbid();
    leader.place?.leave();
    expect(cache.reading()).toMatchObject({ entries: 0, misses: 1 });
  });
});
