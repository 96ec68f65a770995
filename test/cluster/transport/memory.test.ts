import { expect, it } from 'vitest';
import { MemoryNetwork, MemoryTransport } from '../../../cluster/transport/memory.ts';
import type { NetworkWeather } from '../../../cluster/transport/memory.ts';
import { seededRandom } from '../../../kit/random.ts';
import { ManualClock } from '../../manual-clock.ts';
import { TransportRecorder } from '../../suites/transport-recorder.ts';
import { transportSuite } from '../../suites/transport.ts';

transportSuite('memory', () => {
  const clock = new ManualClock();
  const network = new MemoryNetwork({ clock, random: seededRandom(1), weather: { latencyMeanMs: 0 } });
  const places = new Map<string, string>();
  return {
    create(name, limits) {
      const place = places.get(name) ?? `/ip4/127.0.0.1/tcp/${1000 + places.size}`;
      places.set(name, place);
      return new MemoryTransport({ network, clock, self: `peer-${name}`, place, limits });
    },
    async until(condition) {
      for (let passedMs = 0; passedMs < 60_000 && !condition(); passedMs++) clock.advance(1);
      if (!condition()) throw new Error('nothing came of it in a minute');
    },
    emptyAddress: () => '/ip4/127.0.0.1/tcp/9',
    async end() {
      return Promise.resolve();
    },
  };
});

/** Two connected transports, and what they hear. */
function pair(weather: Partial<NetworkWeather> = {}) {
  const clock = new ManualClock();
  const network = new MemoryNetwork({ clock, random: seededRandom(7), weather });
  const make = (name: string) => {
    const place = `/ip4/127.0.0.1/tcp/${name === 'one' ? 1 : 2}`;
    const transport = new MemoryTransport({ network, clock, self: name, place });
    const heard = new TransportRecorder();
    void transport.start(heard);
    return { place, transport, heard };
  };
  const [one, other] = [make('one'), make('other')];
  one.transport.dial(other.place, () => undefined);
  clock.advance(100);
  return { clock, network, one, other };
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

it('holds what is sent over a cut way back until it is mended, while the way back goes on', () => {
  const { clock, network, one, other } = pair();
  network.cut(one.place, other.place);
  one.transport.send('other', bytesOf('a'));
  one.transport.send('other', bytesOf('b'));
  other.transport.send('one', bytesOf('back'));
  clock.advance(10_000);
  expect(other.heard.texts()).toEqual([]);
  expect(one.heard.texts()).toEqual(['back']);
  network.mend(one.place, other.place);
  clock.advance(100);
  expect(other.heard.texts()).toEqual(['a', 'b']);
});

it('leaves a side that was cut off in the belief that it is connected, until it sends again', () => {
  const { clock, network, one, other } = pair();
  network.cut(one.place, other.place);
  network.cut(other.place, one.place);
  one.transport.close('other', 'given up');
  clock.advance(10_000);
  expect(other.transport.isOpen('one')).toBe(true);
  network.mendAll();
  other.transport.send('one', bytesOf('still there?'));
  clock.advance(100);
  expect(other.transport.isOpen('one')).toBe(false);
  expect(other.heard.closes).toHaveLength(1);
});

it('tells nobody of a host that lost its power, until a new process answers for it', () => {
  const { clock, network, one, other } = pair();
  other.transport.kill(false);
  clock.advance(10_000);
  expect(one.transport.isOpen('other')).toBe(true);
  const again = new MemoryTransport({ network, clock, self: 'other', place: other.place });
  void again.start(new TransportRecorder());
  one.transport.send('other', bytesOf('still there?'));
  clock.advance(100);
  expect(one.transport.isOpen('other')).toBe(false);
});

it('delivers to a process that stood still once it moves, in order', () => {
  const { clock, network, one, other } = pair();
  network.hold(other.place);
  for (const text of ['a', 'b', 'c']) one.transport.send('other', bytesOf(text));
  clock.advance(10_000);
  expect(other.heard.texts()).toEqual([]);
  network.release(other.place);
  expect(other.heard.texts()).toEqual(['a', 'b', 'c']);
});

it('tells of the end of a connection before it tells of the next one, also where timers run late', () => {
  const { clock, network, one } = pair();
  const lateClock = new ManualClock();
  const heard = new TransportRecorder();
  const late = new MemoryTransport({ network, clock: lateClock, self: 'late', place: '/ip4/127.0.0.1/tcp/3' });
  void late.start(heard);
  one.transport.dial(late.place, () => undefined);
  clock.advance(100);
  late.close('one', 'silent');
  clock.advance(100);
  one.transport.dial(late.place, () => undefined);
  clock.advance(100);
  lateClock.advance(1);
  expect(late.isOpen('one')).toBe(true);
  expect(heard.events).toEqual(['opened', 'closed', 'opened']);
});

it('drops frames to a slow peer once its buffer is full', () => {
  const { clock, network, one, other } = pair();
  network.throttle(other.place, 1000);
  const taken = Array.from({ length: 10 }, () => one.transport.send('other', new Uint8Array(1_000_000)));
  expect(taken).toEqual([true, true, true, true, false, false, false, false, false, false]);
  network.throttle(other.place, undefined);
  clock.advance(5_000_000);
  expect(other.heard.frames).toHaveLength(4);
  expect(one.transport.send('other', bytesOf('room again'))).toBe(true);
});

it('does what TCP would not when the weather says so', () => {
  const { clock, network, one, other } = pair({ lossRate: 0.2, duplicationRate: 0.2, reorderRate: 0.2 });
  const sent = Array.from({ length: 500 }, (_, index) => `${index}`);
  for (const text of sent) one.transport.send('other', bytesOf(text));
  clock.advance(10_000);
  const arrived = other.heard.texts();
  expect(network.lostFrames).toBeGreaterThan(50);
  expect(new Set(arrived).size).toBe(500 - network.lostFrames);
  expect(arrived.length).toBeGreaterThan(new Set(arrived).size);
  expect(arrived).not.toEqual(arrived.toSorted((left, right) => Number(left) - Number(right)));
});

it('tells one side of a broken connection, and the other when it sends', () => {
  const { clock, network, one, other } = pair();
  network.breakConnections(one.place, other.place, true, false);
  expect(one.heard.closes).toHaveLength(1);
  expect(other.transport.isOpen('one')).toBe(true);
  other.transport.send('one', bytesOf('still there?'));
  clock.advance(100);
  expect(other.heard.closes).toHaveLength(1);
});

it('keeps nodes of another secret out', () => {
  const { clock, network, one } = pair();
  const stranger = new MemoryTransport({
    network,
    clock,
    self: 'stranger',
    place: '/ip4/127.0.0.1/tcp/3',
    secret: 'x',
  });
  void stranger.start(new TransportRecorder());
  const results: unknown[] = [];
  stranger.dial(one.place, (result) => results.push(result));
  clock.advance(1000);
  expect(results).toMatchObject([{ code: 'cluster_secret_mismatch' }]);
  expect(one.transport.isOpen('stranger')).toBe(false);
  expect(network.connections).toBe(1);
});
