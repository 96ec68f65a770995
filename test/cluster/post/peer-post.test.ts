import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../kit/random.ts';
import { postFaults } from '../../../cluster/post/faults.ts';
import { messagePackCodec } from '../../../cluster/post/message-pack-codec.ts';
import { PeerPost } from '../../../cluster/post/peer-post.ts';
import { timings } from '../../../cluster/timing.ts';
import { ManualClock } from '../../manual-clock.ts';
import { FreezableClock } from '../mesh/freezable-clock.ts';
import { recordedLog } from '../mesh/recorded-log.ts';
import { Wire, WireTransport } from '../mesh/wire.ts';

/** Posts `a`, `b`, `c` behind peers of the same name, connected with each other and bound. */
function posts() {
  const clock = new ManualClock();
  const wire = new Wire(clock, seededRandom(1));
  let encodingsCount = 0;
  const codec = {
    ...messagePackCodec,
    encode: (value: unknown) => {
      encodingsCount++;
      return messagePackCodec.encode(value);
    },
  };
  const make = (name: string) => {
    const own = new FreezableClock(clock);
    const transport = new WireTransport(wire, name, own);
    const log = recordedLog();
    const post = new PeerPost({
      clock: own,
      random: wire.random,
      log,
      timing: timings.lan,
      self: name,
      transport,
      codec,
    });
    transport.begin({
      opened: () => undefined,
      closed: (peer, reason) => post.unbind(peer, reason),
      frame: (peer, bytes) => post.frame(peer, bytes),
      question: (peer, bytes, answer) => post.question(peer, bytes, answer),
    });
    return { post, transport, log };
  };
  const all = [make('a'), make('b'), make('c')] as const;
  for (const one of all) {
    for (const other of all) {
      if (one === other) continue;
      one.transport.join(other.transport.self);
      one.post.bind(other.transport.self, other.post.self);
    }
  }
  clock.advance(1);
  const send = (value: unknown) => all[1].transport.send('a', messagePackCodec.encode(value));
  return { clock, all, send, encodings: () => encodingsCount };
}

describe('messages', () => {
  it('reach the handler of their kind, with the name of the sender', () => {
    const { clock, all } = posts();
    const [a, b] = all;
    const heard: unknown[] = [];
    b.post.on('greet', (from, body) => heard.push([from, body]));
    expect(a.post.send('b', 'greet', { text: 'hi' })).toBe(true);
    clock.advance(10);
    expect(heard).toEqual([['a', { text: 'hi' }]]);
  });

  it('to all are encoded once', () => {
    const { clock, all, encodings } = posts();
    const heard: string[] = [];
    for (const { post } of all) post.on('greet', () => heard.push(post.self));
    const before = encodings();
    expect(all[0].post.broadcast('greet', 1)).toBe(2);
    expect(encodings() - before).toBe(1);
    clock.advance(10);
    expect(heard.toSorted()).toEqual(['b', 'c']);
  });

  it('to one who is not there go nowhere', () => {
    const { all } = posts();
    expect(all[0].post.send('nobody', 'greet', 1)).toBe(false);
    expect(all[0].post.isReachable('nobody')).toBe(false);
  });

  it('of a kind that nobody handles, or of another encoding, are passed over and held against nobody', () => {
    const { clock, all, send } = posts();
    const [a, b] = all;
    for (let count = 0; count < 100; count++) {
      send(['later', 1]);
      b.transport.send('a', Uint8Array.of(9, 1, 2));
    }
    b.post.ask('a', 'later', 1, 100, () => undefined);
    clock.advance(10);
    expect(a.post.refused).toBe(0);
    expect(a.post.isReachable('b')).toBe(true);
  });

  it('of a peer that is not bound reach no handler and no service', () => {
    const { clock, all } = posts();
    const [a, b] = all;
    const heard: unknown[] = [];
    const answers: unknown[] = [];
    a.post.on('greet', () => heard.push(1));
    a.post.serve('ask', () => heard.push(2));
    a.post.unbind('b', 'a test');
    b.post.send('a', 'greet', 1);
    b.post.ask('a', 'ask', 1, 100, (answer) => answers.push(answer));
    clock.advance(200);
    expect(heard).toEqual([]);
    expect(answers).toEqual([undefined]);
    expect(a.post.refused).toBe(2);
  });

  it('by which a peer introduces itself come from any peer', () => {
    const { clock, all } = posts();
    const [a, b] = all;
    const heard: unknown[] = [];
    a.post.onPeer('hello', (peer, body) => heard.push([peer, body]));
    a.post.unbind('b', 'a test');
    expect(b.post.sendToPeer('a', 'hello', 1)).toBe(true);
    clock.advance(10);
    expect(heard).toEqual([['b', 1]]);
  });
});

describe('questions', () => {
  it('are answered, at any later time', () => {
    const { clock, all } = posts();
    const [a, b] = all;
    b.post.serve('double', (_from, body, answer) => void clock.after(50, () => answer(2 * Number(body))));
    const answers: unknown[] = [];
    a.post.ask('b', 'double', 21, 100, (answer) => answers.push(answer));
    clock.advance(100);
    expect(answers).toEqual([42]);
  });

  it('end without an answer after their time, and to one who is not there, never within the call', () => {
    const { clock, all } = posts();
    const answers: unknown[] = [];
    all[0].post.ask('b', 'nothing', 1, 100, (answer) => answers.push(answer));
    all[0].post.ask('nobody', 'nothing', 1, 100, (answer) => answers.push(answer));
    expect(answers).toEqual([]);
    clock.advance(1);
    expect(answers).toEqual([undefined]);
    clock.advance(100);
    expect(answers).toEqual([undefined, undefined]);
  });

  it('end without an answer when it cannot be read', () => {
    const { clock, all } = posts();
    const [a, b] = all;
    b.transport.asked = (_from, _bytes, answer) => answer(Uint8Array.of(1, 0xc1));
    const answers: unknown[] = [];
    a.post.ask('b', 'any', 1, 100, (answer) => answers.push(answer));
    clock.advance(200);
    expect(answers).toEqual([undefined]);
    expect(a.post.refused).toBe(1);
  });
});

describe('bindings', () => {
  it('are told to observers, and a node speaks through one peer', () => {
    const { all } = posts();
    const [a] = all;
    const events: string[] = [];
    a.post.observe({ reached: (node) => events.push(`+${node}`), lost: (node) => events.push(`-${node}`) });
    a.post.bind('b', 'b');
    a.post.bind('fresh', 'b');
    expect(a.post.peerOf('b')).toBe('fresh');
    expect(a.post.nodeOf('b')).toBeUndefined();
    a.post.bind('fresh', 'renamed');
    a.post.unbind('b', 'twice');
    expect(events).toEqual(['-b', '+b', '-b', '+renamed']);
    expect(a.post.reachable().toSorted()).toEqual(['c', 'renamed']);
  });
});

describe('malformed messages', () => {
  it.each([
    ['that have no kind', (post: PeerPost) => void post, [7]],
    ['that are no list', (post: PeerPost) => void post, 'text'],
    [
      'that their handler refuses',
      (post: PeerPost) =>
        post.on('greet', () => {
          throw postFaults.peer_message_malformed('Not so.');
        }),
      ['greet', 1],
    ],
    [
      'over which our own handler stumbles',
      (post: PeerPost) =>
        post.on('greet', () => {
          throw new TypeError('a mistake');
        }),
      ['greet', 1],
    ],
  ])('%s are counted; too many end the connection, with one line in the log', (_what, prepare, message) => {
    const { clock, all, send } = posts();
    const [a, b] = all;
    prepare(a.post);
    for (let count = 0; count < 19; count++) send(message);
    clock.advance(10);
    expect(a.post.refused).toBe(19);
    expect(a.transport.isOpen('b')).toBe(true);
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 20; count++) send(message);
      clock.advance(10);
      expect(a.transport.isOpen('b')).toBe(false);
      a.transport.join('b');
      b.transport.join('a');
      a.post.bind('b', 'b');
      clock.advance(1);
    }
    expect(a.log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('now and then are borne', () => {
    const { clock, all, send } = posts();
    for (let count = 0; count < 100; count++) {
      send('text');
      clock.advance(1000);
    }
    expect(all[0].post.refused).toBe(100);
    expect(all[0].transport.isOpen('b')).toBe(true);
  });
});
